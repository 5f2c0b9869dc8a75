import { timingSafeEqual } from "@std/crypto/timing-safe-equal";

interface NativeEncoder {
  toBase64?(options: { alphabet: "base64url"; omitPadding: true }): string;
}

/** Encodes bytes as base64url without padding (RFC 7636, appendix A). */
export function encodeBase64Url(bytes: Uint8Array): string {
  // Missing in Node before version 25. Deno would spend 3 ms on loading `btoa`.
  const { toBase64 } = bytes as NativeEncoder;
  if (toBase64 !== undefined) return toBase64.call(bytes, { alphabet: "base64url", omitPadding: true });
  // Not `fromCharCode(...bytes)`: that many arguments would overflow the stack.
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/**
 * Decodes base64url without padding. Throws a `TypeError` if the text is anything else or its unused bits are
 * not zero (RFC 4648, section 3.5).
 */
export function decodeBase64Url(text: string): Uint8Array<ArrayBuffer> {
  return bytesOf(decodeBinary(text));
}

// deno-lint-ignore no-control-regex -- ASCII starts with the control characters
const ASCII = /^[\x00-\x7f]*$/;

/** Decodes base64url to UTF-8 text. Nearly all of it is ASCII, which needs no copy to bytes. */
export function decodeBase64UrlText(text: string): string {
  const binary = decodeBinary(text);
  return ASCII.test(binary) ? binary : new TextDecoder().decode(bytesOf(binary));
}

const BASE64URL = /^(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-][AQgw]|[A-Za-z0-9_-]{2}[AEIMQUYcgkosw048])?$/;

/** Decodes base64url to a string with one character per byte. */
function decodeBinary(text: string): string {
  if (!BASE64URL.test(text)) throw new TypeError("Not base64url");
  return atob(text.replaceAll("-", "+").replaceAll("_", "/"));
}

function bytesOf(binary: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < binary.length; index++) bytes[index] = binary.charCodeAt(index);
  return bytes;
}

/** A JSON object whose fields are not checked yet. */
export type JsonObject = Record<string, unknown>;

/** Parses a JSON object; returns `undefined` for any other text. */
export function parseJsonObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Reports whether a parsed JSON value is an object. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A source of random bytes. */
export type RandomBytes = (length: number) => Uint8Array;

/**
 * Generates 256 random bits as 43 characters of base64url: a state, a nonce, a code verifier or a path.
 *
 * @param randomBytes The source of randomness; Web Crypto by default.
 */
export function randomToken(randomBytes: RandomBytes = webRandomBytes): string {
  return encodeBase64Url(randomBytes(32));
}

export function webRandomBytes(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length));
}

/** Compares a value with a secret in constant time for values of the same length. */
export function isSameText(given: string, secret: string): boolean {
  const encoder = new TextEncoder();
  const [first, second] = [encoder.encode(given), encoder.encode(secret)];
  return first.byteLength === second.byteLength && timingSafeEqual(first, second);
}

/** Returns the SHA-256 digest of a text as base64url. */
export async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return encodeBase64Url(new Uint8Array(digest));
}

/** Reports whether a digest is that of a text. Without a digest it skips Web Crypto, which takes Node 3 ms to load. */
export async function isSha256Of(digest: string | null | undefined, text: string): Promise<boolean> {
  return typeof digest === "string" && digest === await sha256(text);
}
