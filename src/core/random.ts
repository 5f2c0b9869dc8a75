import { encodeBase64Url } from "./base64url.ts";

/** 256 random bits as 43 characters of base64url: a state, a nonce, a code verifier, a one-time path. */
export function randomToken(): string {
  return encodeBase64Url(crypto.getRandomValues(new Uint8Array(32)));
}
