import { timingSafeEqual } from "@std/crypto/timing-safe-equal";

/** Encodes bytes as base64url without padding (RFC 7636, appendix A). */
export function encodeBase64Url(bytes: Uint8Array): string {
  // One by one: as arguments of one call they would overflow the stack.
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/**
 * Decodes base64url without padding; throws if the text is something else, or has bits set that stand for nothing
 * (RFC 4648, section 3.5).
 */
export function decodeBase64Url(text: string): Uint8Array<ArrayBuffer> {
  return bytesOf(decodeBinary(text));
}

// deno-lint-ignore no-control-regex -- ASCII begins with the control characters
const ASCII = /^[\x00-\x7f]*$/;

/** The same for text in UTF-8. It is nearly always ASCII, which needs no detour over bytes. */
export function decodeBase64UrlText(text: string): string {
  const binary = decodeBinary(text);
  return ASCII.test(binary) ? binary : new TextDecoder().decode(bytesOf(binary));
}

const BASE64URL = /^(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-][AQgw]|[A-Za-z0-9_-]{2}[AEIMQUYcgkosw048])?$/;

/** A string with a character for each byte. */
function decodeBinary(text: string): string {
  if (!BASE64URL.test(text)) throw new TypeError("Not base64url");
  return atob(text.replaceAll("-", "+").replaceAll("_", "/"));
}

function bytesOf(binary: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < binary.length; index++) bytes[index] = binary.charCodeAt(index);
  return bytes;
}

/** A JSON object whose members are not yet known. */
export type JsonObject = Record<string, unknown>;

/** The JSON object that a text is, or `undefined` when it is anything else. */
export function parseJsonObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a value that came as JSON is an object. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Gives so many random bytes. */
export type RandomBytes = (length: number) => Uint8Array;

/**
 * 256 random bits as 43 characters of base64url: a state, a nonce, a code verifier, a one-time path.
 *
 * @param randomBytes Where they come from; Web Crypto by default.
 * @returns The text.
 */
export function randomToken(randomBytes: RandomBytes = webRandomBytes): string {
  return encodeBase64Url(randomBytes(32));
}

/** Random bytes of Web Crypto. */
export function webRandomBytes(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length));
}

/** Compares a secret with what was given for it in constant time; only the lengths are compared before. */
export function isSameText(given: string, secret: string): boolean {
  const encoder = new TextEncoder();
  const [first, second] = [encoder.encode(given), encoder.encode(secret)];
  return first.byteLength === second.byteLength && timingSafeEqual(first, second);
}

/** The SHA-256 digest of a text, as base64url. */
export async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return encodeBase64Url(new Uint8Array(digest));
}

/** Whether a digest is that of a text. Where there is none, nothing is hashed: Web Crypto takes Node 3 ms to load. */
export async function isSha256Of(digest: string | null | undefined, text: string): Promise<boolean> {
  return typeof digest === "string" && digest === await sha256(text);
}
