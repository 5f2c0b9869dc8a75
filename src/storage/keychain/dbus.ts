/** Bytes as D-Bus marshals values, in little-endian order (D-Bus specification, "Marshaling"). */
export class Marshalled {
  readonly bytes: number[] = [];

  align(boundary: number): this {
    while (this.bytes.length % boundary !== 0) this.bytes.push(0);
    return this;
  }

  byte(...values: number[]): this {
    this.bytes.push(...values);
    return this;
  }

  uint32(value: number): this {
    return this.align(4).byte(value & 0xff, value >> 8 & 0xff, value >> 16 & 0xff, value >>> 24);
  }

  /** Also an object path. */
  string(text: string): this {
    const bytes = new TextEncoder().encode(text);
    return this.uint32(bytes.length).byte(...bytes, 0);
  }

  signature(text: string): this {
    return this.byte(text.length, ...new TextEncoder().encode(text), 0);
  }

  /** A dictionary of strings. */
  dictionary(entries: Record<string, string>): this {
    const content = new Marshalled();
    for (const [key, value] of Object.entries(entries)) content.align(8).string(key).string(value);
    return this.uint32(content.bytes.length).align(8).byte(...content.bytes);
  }
}

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

/** Reads values that D-Bus has marshalled, one after the other, in the byte order of their sender. */
export class Unmarshalled {
  readonly #view: DataView;
  readonly #isLittleEndian: boolean;
  #offset = 0;

  constructor(bytes: Uint8Array, isLittleEndian: boolean) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#isLittleEndian = isLittleEndian;
  }

  get offset(): number {
    return this.#offset;
  }

  align(boundary: number): this {
    this.#offset = aligned(this.#offset, boundary);
    return this;
  }

  byte(): number {
    return this.#view.getUint8(this.#offset++);
  }

  uint32(): number {
    const value = this.align(4).#view.getUint32(this.#offset, this.#isLittleEndian);
    this.#offset += 4;
    return value;
  }

  /** An array of bytes. */
  bytes(): Uint8Array {
    return this.#take(this.uint32());
  }

  /** Also an object path. */
  string(): string {
    return this.#text(this.uint32());
  }

  signature(): string {
    return this.#text(this.byte());
  }

  /** An array of strings or object paths. */
  strings(): string[] {
    const length = this.uint32();
    const end = this.#offset + length;
    const strings: string[] = [];
    while (this.#offset < end) strings.push(this.string());
    return strings;
  }

  /** Text has a zero at its end, which is not counted. */
  #text(length: number): string {
    const text = new TextDecoder().decode(this.#take(length));
    this.#offset++;
    return text;
  }

  #take(length: number): Uint8Array {
    const bytes = new Uint8Array(this.#view.buffer, this.#view.byteOffset + this.#offset, length);
    this.#offset += length;
    return bytes;
  }
}

/** The next multiple of a boundary. */
function aligned(offset: number, boundary: number): number {
  return Math.ceil(offset / boundary) * boundary;
}
