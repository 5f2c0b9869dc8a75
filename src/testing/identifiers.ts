const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** An identifier of Clerk's form: a prefix, an underscore and 27 letters or digits. */
export function randomIdentifier(prefix: string): string {
  return `${prefix}_${randomText(27)}`;
}

/** An API key's identifier: `ak_` and 32 hexadecimal digits. */
export function randomApiKeyIdentifier(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `ak_${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** Random letters and digits. */
export function randomText(length: number): string {
  let text = "";
  while (text.length < length) {
    const [byte = 0] = crypto.getRandomValues(new Uint8Array(1));
    // Bytes beyond the last multiple of 62 would make some characters likelier than others.
    if (byte < 248) text += BASE62[byte % 62];
  }
  return text;
}
