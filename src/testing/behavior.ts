/**
 * How the emulator behaves where Clerk's instances differ, or where Clerk does not say what it does. Every field may be
 * changed at any time and counts from the next request on.
 */
export interface EmulatorBehavior {
  /**
   * Whether access tokens are JWTs (RFC 9068) or opaque (`oat_…`); a setting of the instance at Clerk.
   * @default "jwt"
   */
  accessTokenFormat: "jwt" | "opaque";
  /**
   * The lifetime of access tokens in seconds.
   * @default 86400
   */
  accessTokenLifetimeSeconds: number;
  /**
   * The lifetime of authorization codes in seconds.
   * @default 600
   */
  authorizationCodeLifetimeSeconds: number;
  /**
   * The `token_type` of token answers, which is case-insensitive (RFC 6749, section 5.1).
   * @default "Bearer"
   */
  tokenType: "Bearer" | "bearer";
  /**
   * Whether token answers lack `expires_in`.
   * @default false
   */
  omitExpiresIn: boolean;
  /**
   * Whether the `id_token` is a JWT or a text that is not.
   * @default "jwt"
   */
  idTokenFormat: "jwt" | "opaque";
  /**
   * Whether a refresh token is replaced at every use. Without rotation a refresh answer has no `refresh_token`.
   * @default true
   */
  rotateRefreshTokens: boolean;
  /**
   * Whether the use of a rotated refresh token revokes its whole grant (RFC 9700, section 4.14.2).
   * @default true
   */
  reuseRevokesFamily: boolean;
  /**
   * Whether a refresh revokes the access tokens of the same grant that came before it, as fosite does.
   * @default true
   */
  refreshRevokesAccessTokens: boolean;
  /**
   * Whether a refresh token is issued only with the scope `offline_access`.
   * @default true
   */
  refreshTokenNeedsOfflineAccess: boolean;
  /**
   * The status of an `invalid_grant` answer.
   * @default 400
   */
  invalidGrantStatus: 400 | 401;
  /**
   * Whether a user's sign-ins to one application share one grant, so that revoking an old one ends the new one too.
   * @default false
   */
  shareGrantOnRelogin: boolean;
  /**
   * Whether the redirect back to the application carries `iss` (RFC 9207).
   * @default false
   */
  sendIssuerInRedirect: boolean;
  /**
   * Whether consent that was given once to an application for the same scopes is not asked for again.
   * @default false
   */
  rememberConsent: boolean;
  /**
   * How the Backend API answers for an API key or access token that is revoked or expired: with a status, or with 200 and
   * `{"active": false}`, or with 200 and the token, marked as `revoked` or `expired`. A token that never existed is
   * always 404.
   * @default 404
   */
  deadTokens: 404 | 400 | "inactive" | "marked";
}

/** The behaviour closest to what is known of Clerk. */
export const DEFAULT_BEHAVIOR: Readonly<EmulatorBehavior> = {
  accessTokenFormat: "jwt",
  accessTokenLifetimeSeconds: 86_400,
  authorizationCodeLifetimeSeconds: 600,
  tokenType: "Bearer",
  omitExpiresIn: false,
  idTokenFormat: "jwt",
  rotateRefreshTokens: true,
  reuseRevokesFamily: true,
  refreshRevokesAccessTokens: true,
  refreshTokenNeedsOfflineAccess: true,
  invalidGrantStatus: 400,
  shareGrantOnRelogin: false,
  sendIssuerInRedirect: false,
  rememberConsent: false,
  deadTokens: 404,
};
