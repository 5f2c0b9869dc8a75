/**
 * How the emulator behaves where Clerk's instances differ or Clerk's documentation is silent. You can change
 * every field at any time; it applies from the next request.
 */
export interface EmulatorBehavior {
  /**
   * Whether access tokens are JWTs (RFC 9068) or opaque (`oat_…`). At Clerk, this is a setting of the
   * instance.
   * @default "jwt"
   */
  accessTokenFormat: "jwt" | "opaque";
  /**
   * The lifetime of access tokens, in seconds.
   * @default 86400
   */
  accessTokenLifetimeSeconds: number;
  /**
   * The lifetime of authorization codes, in seconds.
   * @default 600
   */
  authorizationCodeLifetimeSeconds: number;
  /**
   * The `token_type` in token responses, case-insensitive (RFC 6749, section 5.1).
   * @default "Bearer"
   */
  tokenType: "Bearer" | "bearer";
  /**
   * Whether token responses omit `expires_in`.
   * @default false
   */
  omitExpiresIn: boolean;
  /**
   * Whether the `id_token` is a JWT or opaque text.
   * @default "jwt"
   */
  idTokenFormat: "jwt" | "opaque";
  /**
   * Whether every use replaces the refresh token. Without rotation, a refresh response has no `refresh_token`.
   * @default true
   */
  rotateRefreshTokens: boolean;
  /**
   * Whether using a rotated refresh token revokes its whole grant (RFC 9700, section 4.14.2).
   * @default true
   */
  reuseRevokesFamily: boolean;
  /**
   * Whether a refresh revokes earlier access tokens of the same grant, as fosite does.
   * @default true
   */
  refreshRevokesAccessTokens: boolean;
  /**
   * Whether a refresh token requires the scope `offline_access`.
   * @default true
   */
  refreshTokenNeedsOfflineAccess: boolean;
  /**
   * The status of an `invalid_grant` response.
   * @default 400
   */
  invalidGrantStatus: 400 | 401;
  /**
   * Whether a user's sign-ins to one application share a grant, so that revoking an old one ends the new one,
   * too.
   * @default false
   */
  shareGrantOnRelogin: boolean;
  /**
   * Whether the redirect to the application contains `iss` (RFC 9207). The metadata then says so.
   * @default false
   */
  sendIssuerInRedirect: boolean;
  /**
   * Whether the authorization server metadata (RFC 8414) names the revocation endpoint. Clerk's OpenAPI
   * document requires it, but the sample in Clerk's guide lacks it. The OpenID configuration always names it.
   * @default true
   */
  advertiseRevocationEndpoint: boolean;
  /**
   * Whether the instance offers the device grant (RFC 8628), which is a beta at Clerk. If not, the metadata
   * omits it and its paths return 404. Applications also need `deviceGrantEnabled`.
   * @default true
   */
  deviceGrant: boolean;
  /**
   * The lifetime of device codes and user codes, in seconds.
   * @default 600
   */
  deviceCodeLifetimeSeconds: number;
  /**
   * The minimum time between the polls of a device, in seconds. An earlier poll gets `slow_down` and adds
   * five.
   * @default 5
   */
  devicePollIntervalSeconds: number;
  /**
   * What happens to a `resource` (RFC 8707): it is granted and becomes the `aud` of JWTs, ignored, or refused
   * with `invalid_target`.
   * @default "grant"
   */
  resource: "grant" | "ignore" | "refuse";
  /**
   * Whether clients can register themselves (RFC 7591). At Clerk, this is a setting of the instance.
   * @default false
   */
  dynamicClientRegistration: boolean;
  /**
   * Whether to skip the consent page if the user already granted the application the same scopes.
   * @default false
   */
  rememberConsent: boolean;
  /**
   * How the Backend API responds to a revoked or expired API key or access token: with an error status, with
   * 200 and `{"active": false}`, or with 200 and the token marked as `revoked` or `expired`. An unknown token
   * is always 404. An expired JWT always gets `{"active": false}`, as Clerk documents for access tokens only.
   * @default 404
   */
  deadTokens: 404 | 400 | "inactive" | "marked";
  /**
   * Whether the Backend API returns the audience of a verified access token. `@clerk/backend` reads it, but
   * Clerk's OpenAPI document does not allow it.
   * @default false
   */
  verifiedTokensNameAudience: boolean;
}

/** The behavior closest to what is known about Clerk. */
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
  advertiseRevocationEndpoint: true,
  deviceGrant: true,
  deviceCodeLifetimeSeconds: 600,
  devicePollIntervalSeconds: 5,
  resource: "grant",
  dynamicClientRegistration: false,
  rememberConsent: false,
  deadTokens: 404,
  verifiedTokensNameAudience: false,
};
