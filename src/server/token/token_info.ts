import type { JsonObject } from "../../core/encoding.ts";
import { invalidToken, NO_SUBJECT } from "../failures.ts";
import type { TokenType } from "./credential.ts";

/** An immutable deep copy of a JSON value. */
export function frozen<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return Object.freeze(value.map(frozen)) as T;
  return Object.freeze(
    Object.fromEntries(Object.entries(value).map(([name, member]) => [name, frozen(member)])),
  ) as T;
}

/** What is known about a credential once it has been verified. */
export interface TokenInfo<T extends TokenType = TokenType> {
  /** Who it belongs to: `user_…`, `org_…`, `mch_…` or `scim_…`. Never taken from a custom claim. */
  subject: string;
  /** Its kind. */
  type: T;
  /** Its scopes. */
  scopes: string[];
  /** An API key's custom claims; all claims of an OAuth access token that is a JWT (RFC 9068, section 2.2). */
  claims?: Record<string, unknown>;
  /** Its id: an API key's, or the token's `jti`. */
  id?: string;
  /** The OAuth application that it was issued to (RFC 9068, section 2.2: `client_id`). */
  clientId?: string;
  /** The organization chosen at sign-in, or the one that an API key belongs to. */
  orgId?: string;
  /** When it expires, Unix time in milliseconds, if that is known. */
  expiresAt?: number;
}

/**
 * What the claims of a verified JWT access token say, read as `@clerk/backend` does (RFC 9068, section 2.2).
 *
 * @throws {ClerkCliAuthError} `not_authenticated` if they name no subject.
 */
export function tokenInfoOfJwt(claims: JsonObject): TokenInfo<"oauth_token"> {
  const { sub: subject, scp, scope, jti: id, client_id: clientId, org_id: orgId, exp } = claims;
  const scopes = scp ?? (typeof scope === "string" ? scope.split(" ") : []);
  return tokenInfo("oauth_token", { subject, scopes, id, clientId, orgId, claims, expiresAt: msOf(exp) });
}

/** What was found out about a token, not yet checked. */
interface Findings {
  subject: unknown;
  scopes: unknown;
  id: unknown;
  clientId?: unknown;
  orgId: unknown;
  claims: JsonObject | undefined;
  /** Unix time in milliseconds. */
  expiresAt?: number | undefined;
}

/** The JWT claim `exp`, which is in seconds, in milliseconds. */
export function msOf(exp: unknown): number | undefined {
  return typeof exp === "number" ? exp * 1_000 : undefined;
}

/** In milliseconds this was in 1973; in seconds it will be in the year 5138. */
const LEAST_MS = 1e11;

/**
 * The `expiration` in a response of Clerk, in milliseconds. `@clerk/backend` documents milliseconds for API keys and seconds
 * for access tokens, while the examples in Clerk's API reference are in seconds for both: the size tells which.
 */
export function msOfExpiration(expiration: unknown): number | undefined {
  if (typeof expiration !== "number") return undefined;
  return expiration < LEAST_MS ? expiration * 1_000 : expiration;
}

/**
 * Puts together what is known about a verified token.
 *
 * @throws {ClerkCliAuthError} `not_authenticated` if it has no subject.
 */
export function tokenInfo<T extends TokenType>(type: T, findings: Findings): TokenInfo<T> {
  const { subject, scopes, id, clientId, orgId, claims, expiresAt } = findings;
  if (!isText(subject)) throw invalidToken(NO_SUBJECT);
  return {
    subject,
    type,
    scopes: Array.isArray(scopes) ? scopes.filter(isText) : [],
    // Every request with the same token shares the claims: nobody may change them for the others.
    ...(claims && { claims: frozen(claims) }),
    ...(isText(id) && { id }),
    ...(isText(clientId) && { clientId }),
    ...(isText(orgId) && { orgId }),
    ...(expiresAt !== undefined && { expiresAt }),
  };
}

/** Tells whether a value is text that is not empty. */
export function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
