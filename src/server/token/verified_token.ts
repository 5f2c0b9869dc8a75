import type { JsonObject } from "../../core/encoding.ts";
import { parseIssuer } from "../../core/issuer.ts";
import { insufficientScope, invalidToken, misconfigured, NO_SUBJECT } from "../failures.ts";
import type { CliAuthFactoryOptions, TokenInfo, TokenKind, VerifiedToken } from "../types.ts";

/**
 * Reads the claims of a verified JWT access token as `@clerk/backend` does (RFC 9068, section 2.2).
 *
 * @throws {ClerkCliAuthError} `not_authenticated` if there is no subject.
 */
export function tokenInfoOfJwt(claims: JsonObject): VerifiedToken<"oauth_token"> {
  const { sub: subject, scp, scope, jti: id, client_id: clientId, org_id: orgId, exp } = claims;
  const scopes = scp ?? (typeof scope === "string" ? scope.split(" ") : []);
  return tokenInfo("oauth_token", { subject, scopes, id, clientId, orgId, claims, expiresAt: msOf(exp) });
}

/** What is known about a token, not checked yet. */
type Findings = Partial<Record<keyof TokenInfo, unknown>> & {
  claims: JsonObject | undefined;
  expiresAt?: number | undefined;
};

/** Converts the JWT claim `exp` from seconds to milliseconds. */
export function msOf(exp: unknown): number | undefined {
  return typeof exp === "number" ? exp * 1_000 : undefined;
}

/** As milliseconds, this is in 1973; as seconds, in the year 5138. */
const LEAST_MS = 1e11;

/**
 * Converts the `expiration` in Clerk's response to milliseconds. `@clerk/backend` documents milliseconds for
 * API keys and seconds for access tokens, but Clerk's API reference has seconds for both, so the size
 * decides.
 */
export function msOfExpiration(expiration: unknown): number | undefined {
  if (typeof expiration !== "number") return undefined;
  return expiration < LEAST_MS ? expiration * 1_000 : expiration;
}

/** Builds what is known about a verified token. Throws `not_authenticated` if it has no subject. */
export function tokenInfo<T extends TokenKind>(type: T, findings: Findings): VerifiedToken<T> {
  const { subject, scopes, id, clientId, orgId, claims, expiresAt } = findings;
  if (!isText(subject)) throw invalidToken(NO_SUBJECT);
  return {
    subject,
    type,
    scopes: Array.isArray(scopes) ? scopes.filter(isText) : [],
    // All requests with the same token share the claims, so nobody may change them.
    ...(claims && { claims: frozen(claims) }),
    ...(isText(id) && { id }),
    ...(isText(clientId) && { clientId }),
    ...(isText(orgId) && { orgId }),
    ...(expiresAt !== undefined && { expiresAt }),
  };
}

/** Reports whether a value is a non-empty string. */
export function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

/** The variable that lists the accepted OAuth applications. */
export const CLIENT_IDS_VARIABLE = "CLERK_OAUTH_CLIENT_ID";

/** What an OAuth access token must satisfy besides being valid. */
export interface Policy {
  /** The accepted OAuth applications. */
  clientIds?: readonly string[] | "any" | undefined;
  /** The issuer that a JWT must name (RFC 9068, section 4). */
  issuer?: string | undefined;
  /** The audiences, one of which a token must name (RFC 9068, section 4). */
  audience?: readonly string[] | undefined;
}

/** Returns the policy in the options of a verifier. Throws `config` if an option is invalid. */
export function policyOf(
  options: Pick<CliAuthFactoryOptions, "clientIds" | "issuer" | "audience" | "clientConfig">,
): Policy {
  const { clientIds, issuer, clientConfig, audience = clientConfig?.audience } = options;
  const audiences = typeof audience === "string" ? [audience] : audience;
  if (clientIds !== "any") assertNames(clientIds, "clientIds");
  assertNames(audiences, "audience");
  return { clientIds, issuer: issuer === undefined ? undefined : parseIssuer(issuer), audience: audiences };
}

/**
 * Lists the OAuth applications in a comma-separated variable; `undefined` if it is not set.
 *
 * @throws {ClerkCliAuthError} `config` if it is empty or may not be read.
 */
export function clientIdsIn(text: string | null | undefined): readonly string[] | undefined {
  if (text === undefined) return undefined;
  if (text === null) {
    throw misconfigured(`${CLIENT_IDS_VARIABLE} may not be read`, {
      action: `Allow it (in Deno: --allow-env=${CLIENT_IDS_VARIABLE}), or pass clientIds to cliAuth()`,
    });
  }
  const clientIds = text.split(",").map((id) => id.trim()).filter(Boolean);
  if (clientIds.length > 0) return clientIds;
  throw misconfigured(`${CLIENT_IDS_VARIABLE} lists no OAuth application`, {
    action:
      'List client IDs in it, or pass clientIds to cliAuth(): "any" for every application of the instance',
  });
}

// An empty name, such as from an unset variable, would match every token that names none.
function assertNames(names: unknown, option: string): asserts names is readonly string[] | undefined {
  if (names === undefined) return;
  const isList = Array.isArray(names) && names.length > 0;
  if (isList && names.every((name) => typeof name === "string" && name !== "")) return;
  throw misconfigured(`'${option}' must list names, none of them empty`);
}

/**
 * Checks a verified OAuth access token against a policy. API keys belong to no application and pass.
 *
 * @throws {ClerkCliAuthError} `not_authenticated` if it is for someone else.
 */
export function assertPolicy(info: TokenInfo, { clientIds, issuer, audience }: Policy): void {
  const isRestricted = clientIds !== undefined && clientIds !== "any";
  if (isRestricted && !(info.clientId !== undefined && clientIds.includes(info.clientId))) {
    throw invalidToken("The token was issued to another OAuth application");
  }
  // An opaque token has neither. Clerk checked its audience, and our secret key determines the instance.
  if (!info.claims) return;
  const { iss, aud } = info.claims;
  if (issuer !== undefined && iss !== issuer) throw invalidToken("The token was issued by another issuer");
  assertAudience(aud, audience);
}

/**
 * Checks that a token names one of the audiences (RFC 7519, section 4.1.3). As in `@clerk/backend`, an entry
 * that is not a name invalidates the list.
 *
 * @throws {ClerkCliAuthError} `not_authenticated` if it names none of them.
 */
export function assertAudience(aud: unknown, audiences: readonly string[] | undefined): void {
  if (!audiences) return;
  const names: unknown[] = [aud].flat();
  if (names.every(isText) && names.some((name) => audiences.includes(name))) return;
  throw invalidToken("The token is meant for another audience");
}

/** Checks that a credential has every required scope (RFC 6750, section 3.1). Throws `insufficient_scope`. */
export function assertScopes(granted: readonly string[], required: readonly string[]): void {
  if (!required.every((scope) => granted.includes(scope))) throw insufficientScope(required);
}

/** Returns an immutable deep copy of a JSON value. */
export function frozen<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return Object.freeze(value.map(frozen)) as T;
  return Object.freeze(
    Object.fromEntries(Object.entries(value).map(([name, member]) => [name, frozen(member)])),
  ) as T;
}
