import { sha256 } from "../../core/sha256.ts";
import type { EmulatedApplication } from "../entities.ts";
import type { Authorization, AuthorizationCode } from "../grants.ts";
import type { Instance } from "../instance.ts";
import { OAuthProblem } from "../problems.ts";
import { invalidGrant } from "./invalid_grant.ts";
import { issueAccessToken, issueRefreshToken } from "./issue_tokens.ts";
import type { IssuedTokens } from "./token.ts";

const CODE_VERIFIER = /^[A-Za-z0-9._~-]{43,128}$/;

/**
 * Exchanges an authorization code (RFC 6749, section 4.1.3; RFC 7636, section 4.6).
 *
 * @throws {OAuthProblem} `invalid_request`, `invalid_grant`
 */
export async function redeemCode(
  form: URLSearchParams,
  { application, issuer, instance }: { application: EmulatedApplication; issuer: string; instance: Instance },
): Promise<IssuedTokens> {
  const code = takeCode(form, { application, instance });
  if ((form.get("redirect_uri") ?? undefined) !== code.redirectUri) {
    throw invalidGrant(instance, "The 'redirect_uri' does not match the one of the authorization request");
  }
  await checkCodeVerifier(form, { code, instance });
  const { authorization } = code;
  const { accessTokenFormat: format, accessTokenLifetimeSeconds: lifetimeSeconds } = instance.behavior;
  return {
    accessToken: await issueAccessToken(authorization, { instance, issuer, format, lifetimeSeconds }),
    refreshToken: mayRefresh(authorization, instance)
      ? issueRefreshToken(authorization, instance)
      : undefined,
  };
}

/** A code is used up by its first request, whatever comes of it; a second one ends what the first one got. */
function takeCode(
  form: URLSearchParams,
  { application: { clientId }, instance }: { application: EmulatedApplication; instance: Instance },
): AuthorizationCode {
  const text = form.get("code");
  if (!text) throw new OAuthProblem("invalid_request", "The 'code' parameter is missing");
  const code = instance.codes.get(text);
  if (!code || code.authorization.grant.clientId !== clientId) {
    throw invalidGrant(instance, "The authorization code is unknown");
  }
  if (code.used) {
    code.authorization.grant.revoked = true;
    throw invalidGrant(instance, "The authorization code has already been used");
  }
  code.used = true;
  if (code.expiresAt <= instance.now()) throw invalidGrant(instance, "The authorization code has expired");
  return code;
}

async function checkCodeVerifier(
  form: URLSearchParams,
  { code, instance }: { code: AuthorizationCode; instance: Instance },
): Promise<void> {
  const verifier = form.get("code_verifier");
  if (code.codeChallenge === undefined && verifier === null) return;
  const isRight = verifier !== null && CODE_VERIFIER.test(verifier) &&
    await sha256(verifier) === code.codeChallenge;
  if (!isRight) throw invalidGrant(instance, "The PKCE code verifier does not match the code challenge");
}

function mayRefresh({ scopes }: Authorization, { behavior }: Instance): boolean {
  return !behavior.refreshTokenNeedsOfflineAccess || scopes.includes("offline_access");
}
