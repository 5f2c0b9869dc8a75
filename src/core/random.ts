import { encodeBase64Url } from "./base64url.ts";

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
