/**
 * How the emulator behaves where Clerk's instances differ, or where Clerk does not document what it does. Every field may
 * be changed at any time and applies from the next request on.
 */
export interface EmulatorBehavior {
  /**
   * Whether access tokens are JWTs (RFC 9068) or opaque (`oat_…`); at Clerk, a setting of the instance.
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
   * The `token_type` of token responses, which is case-insensitive (RFC 6749, section 5.1).
   * @default "Bearer"
   */
  tokenType: "Bearer" | "bearer";
  /**
   * Whether token responses lack `expires_in`.
   * @default false
   */
  omitExpiresIn: boolean;
  /**
   * Whether the `id_token` is a JWT or some other text.
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
   * Whether a user's sign-ins to one application share one grant, so that revoking an old one ends the new one too.
   * @default false
   */
  shareGrantOnRelogin: boolean;
  /**
   * Whether the redirect back to the application carries `iss` (RFC 9207); the metadata then says so.
   * @default false
   */
  sendIssuerInRedirect: boolean;
  /**
   * Whether the authorization server metadata (RFC 8414) names the revocation endpoint: Clerk's OpenAPI document requires
   * it, the sample in Clerk's guide lacks it. The OpenID configuration always does.
   * @default true
   */
  advertiseRevocationEndpoint: boolean;
  /**
   * Whether the instance offers the device grant (RFC 8628); at Clerk, a beta. If not, the metadata does not mention it and
   * nothing is at its paths. An application may use it if its `deviceGrantEnabled` is set, too.
   * @default true
   */
  deviceGrant: boolean;
  /**
   * The lifetime of device codes and user codes in seconds.
   * @default 600
   */
  deviceCodeLifetimeSeconds: number;
  /**
   * How long a device must wait between polls, in seconds. A poll that comes sooner is told to `slow_down` by five more.
   * @default 5
   */
  devicePollIntervalSeconds: number;
  /**
   * What happens to a `resource` (RFC 8707): it is granted, bound to the grant and named by `aud` in its JWTs; or ignored; or
   * refused with `invalid_target`.
   * @default "grant"
   */
  resource: "grant" | "ignore" | "refuse";
  /**
   * Whether clients can register themselves (RFC 7591); at Clerk, a setting of the instance.
   * @default false
   */
  dynamicClientRegistration: boolean;
  /**
   * Whether to skip the consent page once a user has granted an application the same scopes.
   * @default false
   */
  rememberConsent: boolean;
  /**
   * How the Backend API responds to an API key or access token that is revoked or expired: with a status, with 200 and
   * `{"active": false}`, or with 200 and the token, marked as `revoked` or `expired`. A token that never existed is
   * always 404, and a JWT that has expired always `{"active": false}`, which Clerk documents for access tokens alone.
   * @default 404
   */
  deadTokens: 404 | 400 | "inactive" | "marked";
  /**
   * Whether the Backend API names the audience of an access token that it verifies: `@clerk/backend` reads it, but Clerk's
   * OpenAPI document does not allow it.
   * @default false
   */
  verifiedTokensNameAudience: boolean;
}

/** The behaviour closest to what is known about Clerk. */
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
