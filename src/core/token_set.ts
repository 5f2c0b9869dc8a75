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
