import type { EmulatedApplication } from "../entities.ts";
import type { Grant, RefreshToken } from "../grants.ts";
import type { Instance } from "../instance.ts";
import { OAuthProblem } from "../problems.ts";
import { parseScope } from "../scopes.ts";
import { invalidGrant } from "./invalid_grant.ts";
import { issueAccessToken, issueRefreshToken } from "./issue_tokens.ts";
import type { IssuedTokens } from "./token.ts";

/**
 * Refreshes (RFC 6749, section 6). The scope may become narrower for the access token; the refresh token keeps its own.
 *
 * @throws {OAuthProblem} `invalid_request`, `invalid_grant`, `invalid_scope`
 */
export async function redeemRefreshToken(
  form: URLSearchParams,
  { application, issuer, instance }: { application: EmulatedApplication; issuer: string; instance: Instance },
): Promise<IssuedTokens> {
  const current = findRefreshToken(form, { application, instance });
  // An ID token that comes with a refresh has no nonce (OpenID Connect Core, section 12.2).
  const authorization = { ...current.authorization, nonce: undefined };
  const scopes = narrowedScopes(form, authorization.scopes);
  const { behavior } = instance;
  // Everything up to here and the rotation run without a pause: of two concurrent uses one comes second.
  if (behavior.rotateRefreshTokens) current.state = "rotated";
  if (behavior.refreshRevokesAccessTokens) revokeAccessTokens(authorization.grant, instance);
  const { accessTokenFormat: format, accessTokenLifetimeSeconds: lifetimeSeconds } = behavior;
  return {
    refreshToken: behavior.rotateRefreshTokens ? issueRefreshToken(authorization, instance) : undefined,
    accessToken: await issueAccessToken(authorization, { instance, issuer, scopes, format, lifetimeSeconds }),
  };
}

function findRefreshToken(
  form: URLSearchParams,
  { application: { clientId }, instance }: { application: EmulatedApplication; instance: Instance },
): RefreshToken {
  const text = form.get("refresh_token");
  if (!text) throw new OAuthProblem("invalid_request", "The 'refresh_token' parameter is missing");
  const refreshToken = instance.refreshTokens.get(text);
  if (!refreshToken || refreshToken.authorization.grant.clientId !== clientId) {
    throw invalidGrant(instance, "The refresh token is unknown");
  }
  const { grant } = refreshToken.authorization;
  if (refreshToken.state === "rotated") {
    if (instance.behavior.reuseRevokesFamily) grant.revoked = true;
    throw invalidGrant(instance, "The refresh token has already been used");
  }
  if (refreshToken.state === "revoked" || grant.revoked || !instance.users.has(grant.userId)) {
    throw invalidGrant(instance, "The refresh token has been revoked");
  }
  return refreshToken;
}

function narrowedScopes(form: URLSearchParams, granted: readonly string[]): readonly string[] {
  const scope = form.get("scope");
  if (scope === null) return granted;
  const requested = parseScope(scope);
  if (requested.every((name) => granted.includes(name))) return requested;
  throw new OAuthProblem("invalid_scope", "The requested scope exceeds what the resource owner granted");
}

function revokeAccessTokens(grant: Grant, instance: Instance): void {
  for (const accessToken of instance.accessTokens.values()) {
    if (accessToken.authorization.grant === grant) accessToken.revoked = true;
  }
}
