import { sha256 } from "../../core/encoding.ts";
import type { EmulatedApplication } from "../entities.ts";
import { type IncomingRequest, json, OAuthProblem, readOAuthForm } from "../http.ts";
import type { Instance } from "../instance.ts";
import { parseResource } from "./authorization_request.ts";
import { authenticateClient } from "./clients.ts";
import { DEVICE_CODE_GRANT, redeemDeviceCode } from "./device.ts";
import {
  type AccessToken,
  type Authorization,
  type AuthorizationCode,
  type Grant,
  parseScope,
  type RefreshToken,
} from "./state.ts";
import { invalidGrant, issueAccessToken, issueIdToken, issueRefreshToken } from "./tokens.ts";

interface TokenContext {
  application: EmulatedApplication;
  issuer: string;
  instance: Instance;
}

const CODE_VERIFIER = /^[A-Za-z0-9._~-]{43,128}$/;

/**
 * Exchanges an authorization code (RFC 6749, section 4.1.3; RFC 7636, section 4.6).
 *
 * @throws {OAuthProblem} `invalid_request`, `invalid_grant`
 */
async function redeemCode(
  form: URLSearchParams,
  { application, instance }: TokenContext,
): Promise<Authorization> {
  const code = takeCode(form, { application, instance });
  if ((form.get("redirect_uri") ?? undefined) !== code.redirectUri) {
    throw invalidGrant(instance, "The 'redirect_uri' does not match the one of the authorization request");
  }
  await checkCodeVerifier(form, { code, instance });
  return code.authorization;
}

/**
 * Issues the first tokens of an authorization.
 *
 * @throws {OAuthProblem} `invalid_target`
 */
async function issueFirstTokens(
  form: URLSearchParams,
  { authorization, issuer, instance }: TokenContext & { authorization: Authorization },
): Promise<IssuedTokens> {
  checkResource(form, { authorization, instance });
  const { accessTokenFormat: format, accessTokenLifetimeSeconds: lifetimeSeconds } = instance.behavior;
  return {
    accessToken: await issueAccessToken(authorization, { instance, issuer, format, lifetimeSeconds }),
    refreshToken: mayRefresh(authorization, instance)
      ? issueRefreshToken(authorization, instance)
      : undefined,
  };
}

/** A token request may repeat the granted resource, but not name another (RFC 8707, section 2.2). */
function checkResource(
  form: URLSearchParams,
  { authorization: { audience }, instance }: { authorization: Authorization; instance: Instance },
): void {
  const resource = parseResource(form, instance);
  if (resource === undefined || resource === audience) return;
  throw new OAuthProblem("invalid_target", "The 'resource' was not granted");
}

/** The first request uses up a code whatever its outcome; a second one revokes the tokens of the first. */
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

/**
 * Refreshes tokens (RFC 6749, section 6). The access token may get fewer scopes; the refresh token keeps them
 * all.
 *
 * @throws {OAuthProblem} `invalid_request`, `invalid_grant`, `invalid_scope`, `invalid_target`
 */
async function redeemRefreshToken(
  form: URLSearchParams,
  { application, issuer, instance }: TokenContext,
): Promise<IssuedTokens> {
  const current = findRefreshToken(form, { application, instance });
  checkScopesExist(current.authorization, application);
  checkResource(form, { authorization: current.authorization, instance });
  // An ID token from a refresh has no nonce (OpenID Connect Core 1.0, section 12.2).
  const authorization = { ...current.authorization, nonce: undefined };
  const scopes = narrowedScopes(form, authorization.scopes);
  const { behavior } = instance;
  // No await until here: the second of two concurrent uses sees the rotation.
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

/** The granted scopes must still exist. The refresh token works again when a deleted scope returns. */
function checkScopesExist({ scopes }: Authorization, { scopes: allowed }: EmulatedApplication): void {
  const gone = scopes.find((scope) => !allowed.includes(scope));
  if (gone === undefined) return;
  throw new OAuthProblem(
    "invalid_scope",
    `The OAuth 2.0 Client is not allowed to request scope '${gone}'`,
  );
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

/** The tokens from a grant. */
interface IssuedTokens {
  accessToken: AccessToken;
  refreshToken: RefreshToken | undefined;
}

/** The token endpoint (RFC 6749, section 3.2). */
export async function token(request: IncomingRequest, instance: Instance): Promise<Response> {
  const form = readOAuthForm(request);
  const application = authenticateClient(request, { form, instance });
  const context = { application, issuer: request.issuer, instance };
  const grantType = form.get("grant_type");
  switch (grantType) {
    case "authorization_code": {
      const authorization = await redeemCode(form, context);
      return await tokenResponse(await issueFirstTokens(form, { ...context, authorization }), context);
    }
    case "refresh_token":
      return await tokenResponse(await redeemRefreshToken(form, context), context);
    case null:
      throw new OAuthProblem("invalid_request", "The 'grant_type' parameter is missing");
  }
  if (grantType === DEVICE_CODE_GRANT && instance.behavior.deviceGrant) {
    const authorization = redeemDeviceCode(form, context);
    return await tokenResponse(await issueFirstTokens(form, { ...context, authorization }), context);
  }
  // Clerk documents 401 here rather than the 400 of RFC 6749.
  throw new OAuthProblem("unsupported_grant_type", "The authorization server does not support this grant", {
    status: 401,
  });
}

async function tokenResponse(
  { accessToken, refreshToken }: IssuedTokens,
  { issuer, instance }: { issuer: string; instance: Instance },
): Promise<Response> {
  const { behavior } = instance;
  const { token, scopes, issuedAt, expiresAt } = accessToken;
  return json({
    access_token: token,
    token_type: behavior.tokenType,
    ...!behavior.omitExpiresIn && { expires_in: Math.round((expiresAt - issuedAt) / 1000) },
    ...refreshToken && { refresh_token: refreshToken.token },
    scope: scopes.join(" "),
    ...scopes.includes("openid") && { id_token: await issueIdToken(accessToken, { instance, issuer }) },
  });
}
