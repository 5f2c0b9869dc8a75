import { ClerkCliAuthError, type ErrorCode } from "./errors.ts";

/** What a sign-in yields: the tokens and what is known about them. */
export interface TokenSet {
  /** The access token, sent as a bearer token (RFC 6750). */
  accessToken: string;
  /** The refresh token, where the issuer gave one (RFC 6749, section 1.5). */
  refreshToken?: string;
  /** The ID token, where the issuer gave one. It is kept as it came; nothing in this package trusts it later. */
  idToken?: string;
  /** When the access token expires, Unix time in milliseconds. Absent where the issuer did not say. */
  expiresAt?: number;
  /** The granted scopes, separated by spaces. */
  scope?: string;
  /** The token type; `Bearer` in practice. */
  tokenType?: string;
}

/** Whether a value is visible ASCII (RFC 6749, appendix A.12), so that it fits in a header and a form unchanged. */
export function isTokenText(value: unknown): value is string {
  return typeof value === "string" && /^[\x21-\x7e]+$/.test(value);
}

/**
 * Refuses a token that does not fit in a header: the error of whoever tried to send it would quote it.
 *
 * @throws {ClerkCliAuthError} the code that is given.
 */
export function checkTokenText(token: string, code: ErrorCode): void {
  if (isTokenText(token)) return;
  throw new ClerkCliAuthError(code, "The token holds characters that no token has", {
    action: "Check that it was copied as a whole, without spaces or line breaks",
  });
}

/** Whether a token is a Clerk API key: the issuer neither issued it nor can revoke it, only a backend knows it. */
export function isApiKey(token: string): boolean {
  return token.startsWith("ak_");
}
