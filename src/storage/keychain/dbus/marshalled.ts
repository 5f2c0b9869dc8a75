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
