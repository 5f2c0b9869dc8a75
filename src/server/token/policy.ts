import { parseIssuer } from "../../core/issuer.ts";
import { insufficientScope, invalidToken, misconfigured } from "../failures.ts";
import type { CliAuthOptions } from "../types.ts";
import { isText, type TokenInfo } from "./token_info.ts";

/** The variable that lists the OAuth applications whose tokens are accepted. */
export const CLIENT_IDS_VARIABLE = "CLERK_OAUTH_CLIENT_ID";

/** What an OAuth access token must satisfy besides being valid. */
export interface Policy {
  /** The OAuth applications whose tokens are accepted. */
  clientIds?: readonly string[] | "any" | undefined;
  /** The issuer that a JWT must name (RFC 9068, section 4). */
  issuer?: string | undefined;
  /** The audiences of which a token must name one (RFC 9068, section 4). */
  audience?: readonly string[] | undefined;
}

/**
 * The policy in the options of a verifier.
 *
 * @throws {ClerkCliAuthError} `config` if one of them is invalid.
 */
export function policyOf(options: CliAuthOptions): Policy {
  const { clientIds, issuer, clientConfig, audience = clientConfig?.audience } = options;
  const audiences = typeof audience === "string" ? [audience] : audience;
  if (clientIds !== "any") assertNames(clientIds, "clientIds");
  assertNames(audiences, "audience");
  return { clientIds, issuer: issuer === undefined ? undefined : parseIssuer(issuer), audience: audiences };
}

/**
 * The OAuth applications in a comma-separated variable; `undefined` if it is not set.
 *
 * @throws {ClerkCliAuthError} `config` if it lists none or may not be read.
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
      'List client ids in it, or pass clientIds to cliAuth(): "any" for every application of the instance',
  });
}

// An empty name, such as that of an unset variable, would let every token through that names none.
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
  if (info.type !== "oauth_token") return;
  const isRestricted = clientIds !== undefined && clientIds !== "any";
  if (isRestricted && !(info.clientId !== undefined && clientIds.includes(info.clientId))) {
    throw invalidToken("The token was issued to another OAuth application");
  }
  // An opaque token names neither: Clerk has checked its audience, and our secret key stands for the instance.
  if (!info.claims) return;
  const { iss, aud } = info.claims;
  if (issuer !== undefined && iss !== issuer) throw invalidToken("The token was issued by another issuer");
  assertAudience(aud, audience);
}

/**
 * Checks that a token names one of the audiences (RFC 7519, section 4.1.3). As for `@clerk/backend`, an entry that is not
 * a name spoils the list.
 *
 * @throws {ClerkCliAuthError} `not_authenticated` if it names none of them.
 */
export function assertAudience(aud: unknown, audiences: readonly string[] | undefined): void {
  if (!audiences) return;
  const names: unknown[] = [aud].flat();
  if (names.every(isText) && names.some((name) => audiences.includes(name))) return;
  throw invalidToken("The token is meant for another audience");
}

/**
 * Checks that a credential has every required scope (RFC 6750, section 3.1).
 *
 * @throws {ClerkCliAuthError} `insufficient_scope` if one is missing.
 */
export function assertScopes(granted: readonly string[], required: readonly string[]): void {
  if (!required.every((scope) => granted.includes(scope))) throw insufficientScope(required);
}
