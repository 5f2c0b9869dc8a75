import { isSameText, sha256 } from "../../core/encoding.ts";
import type { EmulatedApplication } from "../entities.ts";
import { type IncomingRequest, json, OAuthProblem, readOAuthForm } from "../http.ts";
import type { Instance } from "../instance.ts";
import {
  type AccessToken,
  type Authorization,
  type AuthorizationCode,
  type Grant,
  parseScope,
  type RefreshToken,
} from "./state.ts";
import { issueAccessToken, issueIdToken, issueRefreshToken } from "./tokens.ts";

const CODE_VERIFIER = /^[A-Za-z0-9._~-]{43,128}$/;

/**
 * Exchanges an authorization code (RFC 6749, section 4.1.3; RFC 7636, section 4.6).
 *
 * @throws {OAuthProblem} `invalid_request`, `invalid_grant`
 */
async function redeemCode(
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

/** The first request uses up a code, whatever the outcome; a second one revokes what the first one got. */
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

interface Credentials {
  clientId: string | null;
  clientSecret: string | null;
  method: "basic" | "post";
}

/**
 * Finds the client that sent the request (RFC 6749, section 2.3): a public one by its `client_id`, a confidential one by
 * its secret, in the `Authorization` header or in the form.
 *
 * @throws {OAuthProblem} `invalid_client`
 */
export function authenticateClient(
  request: IncomingRequest,
  { form, instance }: { form: URLSearchParams; instance: Instance },
): EmulatedApplication {
  const credentials = readCredentials(request, form);
  const application = instance.applications.get(credentials.clientId ?? "");
  if (!application) throw invalidClient(credentials, "The requested OAuth 2.0 Client does not exist");
  if (application.clientSecret === null) return application;
  if (isSameText(credentials.clientSecret ?? "", application.clientSecret)) return application;
  throw invalidClient(credentials, "Client authentication failed");
}

function readCredentials({ headers }: IncomingRequest, form: URLSearchParams): Credentials {
  const [scheme = "", value = ""] = headers.get("authorization")?.split(" ") ?? [];
  if (scheme.toLowerCase() !== "basic") {
    return { clientId: form.get("client_id"), clientSecret: form.get("client_secret"), method: "post" };
  }
  const basic = decodeBasic(value);
  return { clientId: basic?.[0] ?? null, clientSecret: basic?.[1] ?? null, method: "basic" };
}

/** Both parts are form-encoded inside (RFC 6749, section 2.3.1). */
function decodeBasic(value: string): [string, string] | undefined {
  try {
    const text = atob(value);
    const colon = text.indexOf(":");
    return colon < 0
      ? undefined
      : [decodeFormPart(text.slice(0, colon)), decodeFormPart(text.slice(colon + 1))];
  } catch {
    // Neither base64 nor form encoding: no credentials.
    return undefined;
  }
}

function decodeFormPart(part: string): string {
  return decodeURIComponent(part.replaceAll("+", " "));
}

function invalidClient({ method }: Credentials, description: string): OAuthProblem {
  const headers: Record<string, string> = method === "basic"
    ? { "WWW-Authenticate": 'Basic realm="emulator"' }
    : {};
  return new OAuthProblem("invalid_client", description, { status: 401, headers });
}

/** A code or refresh token that is invalid, or no longer valid (RFC 6749, section 5.2). */
function invalidGrant({ behavior }: Instance, description: string): OAuthProblem {
  return new OAuthProblem("invalid_grant", description, { status: behavior.invalidGrantStatus });
}

/**
 * Refreshes (RFC 6749, section 6). The scope of the access token may become narrower; the refresh token keeps its own.
 *
 * @throws {OAuthProblem} `invalid_request`, `invalid_grant`, `invalid_scope`
 */
async function redeemRefreshToken(
  form: URLSearchParams,
  { application, issuer, instance }: { application: EmulatedApplication; issuer: string; instance: Instance },
): Promise<IssuedTokens> {
  const current = findRefreshToken(form, { application, instance });
  // An ID token that comes with a refresh has no nonce (OpenID Connect Core, section 12.2).
  const authorization = { ...current.authorization, nonce: undefined };
  const scopes = narrowedScopes(form, authorization.scopes);
  const { behavior } = instance;
  // Everything up to here and the rotation run without interruption: of two concurrent uses, one comes second.
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

/** The tokens that a grant yields. */
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
    case "authorization_code":
      return await tokenResponse(await redeemCode(form, context), context);
    case "refresh_token":
      return await tokenResponse(await redeemRefreshToken(form, context), context);
    case null:
      throw new OAuthProblem("invalid_request", "The 'grant_type' parameter is missing");
    default:
      throw new OAuthProblem(
        "unsupported_grant_type",
        "The grant must be authorization_code or refresh_token",
      );
  }
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
