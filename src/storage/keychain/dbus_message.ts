/** A method call without the parts that a session bus fills in (D-Bus specification, "Message Protocol"). */
export interface MethodCall {
  serial: number;
  destination: string;
  path: string;
  interface: string;
  member: string;
  /** The type of the body; empty where there is none. */
  signature?: string;
  body?: readonly number[];
}

/** What is needed of a message that came. */
export interface Message {
  type: number;
  /** The serial of the call that it answers. */
  replyTo: number | undefined;
  /** The body, with the byte order of its sender. */
  body: DataView;
  isLittleEndian: boolean;
  /** Where the next message begins. */
  end: number;
}

/** The types of answers. */
export const MESSAGE_TYPE: { readonly METHOD_RETURN: 2; readonly ERROR: 3 } = { METHOD_RETURN: 2, ERROR: 3 };

const METHOD_CALL = 1;
const LITTLE_ENDIAN = 0x6c;
const PROTOCOL_VERSION = 1;
const FIXED_HEADER_BYTES = 16;
const FIELD = { PATH: 1, INTERFACE: 2, MEMBER: 3, REPLY_SERIAL: 5, DESTINATION: 6, SIGNATURE: 8 };

/** Bytes as D-Bus marshals values, in little-endian order. */
export class Marshalled {
  readonly bytes: number[] = [];

  align(boundary: number): this {
    while (this.bytes.length % boundary !== 0) this.bytes.push(0);
    return this;
  }

  uint32(value: number): this {
    this.align(4).bytes.push(value & 0xff, value >> 8 & 0xff, value >> 16 & 0xff, value >>> 24);
    return this;
  }

  /** Also an object path. */
  string(text: string): this {
    const bytes = new TextEncoder().encode(text);
    this.uint32(bytes.length).bytes.push(...bytes, 0);
    return this;
  }

  signature(text: string): this {
    this.bytes.push(text.length, ...new TextEncoder().encode(text), 0);
    return this;
  }

  /** A dictionary of strings. */
  dictionary(entries: Record<string, string>): this {
    const content = new Marshalled();
    for (const [key, value] of Object.entries(entries)) content.align(8).string(key).string(value);
    this.uint32(content.bytes.length).align(8).bytes.push(...content.bytes);
    return this;
  }
}

/** The bytes of a method call. */
export function encodeCall(call: MethodCall): number[] {
  const { serial, signature = "", body = [] } = call;
  const fields = new Marshalled();
  const field = (code: number, type: "o" | "s", value: string) => {
    fields.align(8).bytes.push(code);
    fields.signature(type).string(value);
  };
  field(FIELD.PATH, "o", call.path);
  field(FIELD.DESTINATION, "s", call.destination);
  field(FIELD.INTERFACE, "s", call.interface);
  field(FIELD.MEMBER, "s", call.member);
  if (signature) {
    fields.align(8).bytes.push(FIELD.SIGNATURE);
    fields.signature("g").signature(signature);
  }
  const message = new Marshalled();
  message.bytes.push(LITTLE_ENDIAN, METHOD_CALL, 0, PROTOCOL_VERSION);
  message.uint32(body.length).uint32(serial).uint32(fields.bytes.length);
  message.bytes.push(...fields.bytes);
  return [...message.align(8).bytes, ...body];
}

/** Reads the message at the beginning of some bytes; `undefined` when it has not come to its end yet. */
export function decodeMessage(bytes: Uint8Array): Message | undefined {
  if (bytes.length < FIXED_HEADER_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isLittleEndian = bytes[0] === LITTLE_ENDIAN;
  const fieldsEnd = FIXED_HEADER_BYTES + view.getUint32(12, isLittleEndian);
  const bodyStart = aligned(fieldsEnd, 8);
  const end = bodyStart + view.getUint32(4, isLittleEndian);
  if (bytes.length < end) return undefined;
  return {
    type: view.getUint8(1),
    replyTo: replySerial(view, { fieldsEnd, isLittleEndian }),
    body: new DataView(bytes.buffer, bytes.byteOffset + bodyStart, end - bodyStart),
    isLittleEndian,
    end,
  };
}

/** The next multiple of a boundary. */
export function aligned(offset: number, boundary: number): number {
  return Math.ceil(offset / boundary) * boundary;
}

/** Header fields are pairs of a code and a variant; those of a header are strings, a signature, or 32 bits. */
function replySerial(
  view: DataView,
  { fieldsEnd, isLittleEndian }: { fieldsEnd: number; isLittleEndian: boolean },
): number | undefined {
  for (let offset = FIXED_HEADER_BYTES; offset < fieldsEnd;) {
    offset = aligned(offset, 8);
    const code = view.getUint8(offset);
    const type = String.fromCharCode(view.getUint8(offset + 2));
    const value = offset + 4; // After the code and the signature of one letter.
    if (type === "g") {
      offset = value + 1 + view.getUint8(value) + 1;
      continue;
    }
    const number = view.getUint32(value, isLittleEndian);
    if (code === FIELD.REPLY_SERIAL) return number;
    offset = type === "u" ? value + 4 : value + 4 + number + 1;
  }
  return undefined;
}
