/** What a user granted to an application. Its revocation ends every token that came of it. */
export interface Grant {
  readonly id: string;
  readonly userId: string;
  readonly clientId: string;
  revoked: boolean;
}

/** One authorization under a grant: what a code stands for and what refreshing can yield. */
export interface Authorization {
  readonly grant: Grant;
  readonly scopes: readonly string[];
  readonly organizationId: string | undefined;
  /** The granted `resource` (RFC 8707). */
  readonly audience: string | undefined;
  readonly nonce: string | undefined;
  /** When the user signed in, Unix time in milliseconds. */
  readonly authenticatedAt: number;
}

/** An authorization code (RFC 6749, section 4.1.2). */
export interface AuthorizationCode {
  readonly authorization: Authorization;
  /** The `redirect_uri` of the authorization request, which the token request must repeat. */
  readonly redirectUri: string | undefined;
  readonly codeChallenge: string | undefined;
  readonly expiresAt: number;
  used: boolean;
}

/** A refresh token (RFC 6749, section 1.5). */
export interface RefreshToken {
  readonly token: string;
  readonly authorization: Authorization;
  readonly issuedAt: number;
  state: "active" | "rotated" | "revoked";
}

/** An access token (RFC 6749, section 1.4). */
export interface AccessToken {
  /** `oat_…` */
  readonly id: string;
  readonly token: string;
  readonly format: "jwt" | "opaque";
  readonly authorization: Authorization;
  readonly scopes: readonly string[];
  readonly issuedAt: number;
  expiresAt: number;
  revoked: boolean;
}
