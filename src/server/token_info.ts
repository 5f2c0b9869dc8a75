import type { TokenType } from "./token_type.ts";

/** What is known about a credential once it has been verified. */
export interface TokenInfo<T extends TokenType = TokenType> {
  /** Whom it belongs to: `user_…`, `org_…`, `mch_…` or `scim_…`. Never taken from a custom claim. */
  subject: string;
  /** Its kind. */
  type: T;
  /** The scopes that it carries. */
  scopes: string[];
  /** An API key's custom claims; all claims of an OAuth access token that is a JWT (RFC 9068, section 2.2). */
  claims?: Record<string, unknown>;
  /** Its id: an API key's, or the token's `jti`. */
  id?: string;
  /** The OAuth application that it was issued to (RFC 9068, section 2.2: `client_id`). */
  clientId?: string;
  /** The organization chosen at sign-in, or the one that an API key belongs to. */
  orgId?: string;
  /** When it expires, Unix time in milliseconds, where that is known. */
  expiresAt?: number;
}
