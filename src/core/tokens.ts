import { ClerkCliAuthError, type ErrorCode } from "./errors.ts";

/** The tokens from a sign-in, and what is known about them. */
export interface TokenSet {
  /** The access token, sent as a bearer token (RFC 6750). */
  accessToken: string;
  /** The refresh token, if the issuer returned one (RFC 6749, section 1.5). */
  refreshToken?: string;
  /** The ID token, if the issuer returned one. It is stored as received and never trusted again. */
  idToken?: string;
  /** When the access token expires, in Unix milliseconds; absent if the issuer does not say. */
  expiresAt?: number;
  /** The granted scopes, separated by spaces. */
  scope?: string;
  /** The token type; `Bearer` in practice. */
  tokenType?: string;
}

/** Reports whether a value is visible ASCII (RFC 6749, appendix A.12), which fits in a header and a form. */
export function isTokenText(value: unknown): value is string {
  return typeof value === "string" && /^[\x21-\x7e]+$/.test(value);
}

/**
 * Rejects a token that does not fit in a header: sending it would throw an error that quotes it.
 *
 * @throws {ClerkCliAuthError} `code`
 */
export function checkTokenText(token: string, code: ErrorCode): void {
  if (isTokenText(token)) return;
  throw new ClerkCliAuthError(code, "The token contains invalid characters", {
    action: "Check that you copied all of it, without spaces or line breaks",
  });
}

/** Reports whether a token is a Clerk API key, which only a backend can verify and the issuer cannot revoke. */
export function isApiKey(token: string): boolean {
  return token.startsWith("ak_");
}
