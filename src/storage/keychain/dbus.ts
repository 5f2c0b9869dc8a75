/** Writes values as D-Bus marshals them, little-endian (D-Bus specification, "Marshaling"). */
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

  /** Type `s` or `o`. */
  string(text: string): this {
    const bytes = new TextEncoder().encode(text);
    return this.uint32(bytes.length).byte(...bytes, 0);
  }

  signature(text: string): this {
    return this.byte(text.length, ...new TextEncoder().encode(text), 0);
  }

  /** Type `a{ss}`. */
  dictionary(entries: Record<string, string>): this {
    const content = new Marshalled();
    for (const [key, value] of Object.entries(entries)) content.align(8).string(key).string(value);
    return this.uint32(content.bytes.length).align(8).byte(...content.bytes);
  }
}

/** A method call (D-Bus specification, "Message Format"). */
export interface MethodCall {
  destination: string;
  path: string;
  interface: string;
  member: string;
  /** Types of the values in `body`. */
  signature?: string;
  body?: Marshalled;
}

/** A message from the bus. */
export interface Message {
  isError: boolean;
  /** Serial of the call it replies to, if it is a reply. */
  replyTo: number | undefined;
  body: Unmarshalled;
  /** Length in bytes. */
  length: number;
}

const LITTLE_ENDIAN = 0x6c;
const PROTOCOL_VERSION = 1;
const TYPE = { METHOD_CALL: 1, ERROR: 3 };
const FIELD = { PATH: 1, INTERFACE: 2, MEMBER: 3, REPLY_SERIAL: 5, DESTINATION: 6, SIGNATURE: 8 };
const FIXED_HEADER_BYTES = 16;

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

/** Decodes the first message in `bytes`; `undefined` if it is incomplete. */
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

/** A header field is a code and a variant, which holds a string, a signature or a uint32. */
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

/** Reads marshalled D-Bus values in their sender's byte order. */
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

  /** Type `ay`. */
  bytes(): Uint8Array {
    return this.#take(this.uint32());
  }

  /** Type `s` or `o`. */
  string(): string {
    return this.#text(this.uint32());
  }

  signature(): string {
    return this.#text(this.byte());
  }

  /** Type `as` or `ao`. */
  strings(): string[] {
    const length = this.uint32();
    const end = this.#offset + length;
    const strings: string[] = [];
    while (this.#offset < end) strings.push(this.string());
    return strings;
  }

  /** A NUL follows the text; `length` does not count it. */
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

/** Rounds up to a multiple of `boundary`. */
function aligned(offset: number, boundary: number): number {
  return Math.ceil(offset / boundary) * boundary;
}
