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
export function aligned(offset: number, boundary: number): number {
  return Math.ceil(offset / boundary) * boundary;
}
