import { Marshalled } from "./marshalled.ts";
import { aligned, Unmarshalled } from "./unmarshalled.ts";

/** A call of a method (D-Bus specification, "Message Format"). */
export interface MethodCall {
  destination: string;
  path: string;
  interface: string;
  member: string;
  /** The arguments, and their types; none where there are none. */
  signature?: string;
  body?: Marshalled;
}

/** A message that came. */
export interface Message {
  isError: boolean;
  /** The serial of the call that it answers; `undefined` when it answers none. */
  replyTo: number | undefined;
  body: Unmarshalled;
  /** How many bytes it has. */
  length: number;
}

const LITTLE_ENDIAN = 0x6c;
const PROTOCOL_VERSION = 1;
const TYPE = { METHOD_CALL: 1, ERROR: 3 };
const FIELD = { PATH: 1, INTERFACE: 2, MEMBER: 3, REPLY_SERIAL: 5, DESTINATION: 6, SIGNATURE: 8 };
const FIXED_HEADER_BYTES = 16;

/** The bytes of a method call. */
export function encodeCall(call: MethodCall, serial: number): number[] {
  const { signature, body = new Marshalled() } = call;
  const fields = new Marshalled();
  const field = (code: number, type: string) => fields.align(8).byte(code).signature(type);
  field(FIELD.PATH, "o").string(call.path);
  field(FIELD.DESTINATION, "s").string(call.destination);
  field(FIELD.INTERFACE, "s").string(call.interface);
  field(FIELD.MEMBER, "s").string(call.member);
  if (signature !== undefined) field(FIELD.SIGNATURE, "g").signature(signature);
  const header = new Marshalled()
    .byte(LITTLE_ENDIAN, TYPE.METHOD_CALL, 0, PROTOCOL_VERSION)
    .uint32(body.bytes.length).uint32(serial).uint32(fields.bytes.length)
    .byte(...fields.bytes).align(8);
  return [...header.bytes, ...body.bytes];
}

/** Reads the message that bytes begin with; `undefined` when it has not come to its end yet. */
export function decodeMessage(bytes: Uint8Array): Message | undefined {
  if (bytes.length < FIXED_HEADER_BYTES) return undefined;
  const isLittleEndian = bytes[0] === LITTLE_ENDIAN;
  const header = new Unmarshalled(bytes, isLittleEndian);
  header.byte();
  const isError = header.byte() === TYPE.ERROR;
  const bodyLength = header.uint32();
  header.uint32(); // Its own serial.
  const fieldsEnd = FIXED_HEADER_BYTES + header.uint32();
  const bodyStart = aligned(fieldsEnd, 8);
  const length = bodyStart + bodyLength;
  if (bytes.length < length) return undefined;
  const body = new Unmarshalled(bytes.slice(bodyStart, length), isLittleEndian);
  return { isError, replyTo: readReplySerial(header, fieldsEnd), body, length };
}

/** A field is a code and a variant. Those of a header hold a text, a signature or 32 bits. */
function readReplySerial(header: Unmarshalled, fieldsEnd: number): number | undefined {
  while (header.offset < fieldsEnd) {
    const code = header.align(8).byte();
    const type = header.signature();
    if (type === "g") header.signature();
    else if (type !== "u") header.string();
    else if (code === FIELD.REPLY_SERIAL) return header.uint32();
    else header.uint32();
  }
  return undefined;
}
