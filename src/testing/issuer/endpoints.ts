import { decodeBase64Url, parseJsonObject } from "../../core/encoding.ts";
import { ClerkProblem, type IncomingRequest, isForm, json, OAuthProblem, readOAuthForm } from "../http.ts";
import type { Instance } from "../instance.ts";
import { homePage } from "../pages/pages.ts";
import type { Route } from "../serve.ts";
import { authorize, showConsent, showSignIn, submitConsent, submitSignIn } from "./interaction.ts";
import { STANDARD_SCOPES } from "./state.ts";
import { authenticateClient, token } from "./token.ts";
import { isActive, scopedUserClaims } from "./tokens.ts";

/** The authorization server metadata (RFC 8414), also the OpenID configuration. */
function metadata({ issuer }: IncomingRequest, { behavior }: Instance): Response {
  return json({
    issuer,
    authorization_endpoint: `${issuer}/oauth/authorize`,
    token_endpoint: `${issuer}/oauth/token`,
    revocation_endpoint: `${issuer}/oauth/token/revoke`,
    introspection_endpoint: `${issuer}/oauth/token_info`,
    userinfo_endpoint: `${issuer}/oauth/userinfo`,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    scopes_supported: STANDARD_SCOPES,
    response_types_supported: ["code"],
    response_modes_supported: ["query", "form_post"],
    grant_types_supported: ["authorization_code", "refresh_token"],
    token_endpoint_auth_methods_supported: ["client_secret_basic", "none", "client_secret_post"],
    code_challenge_methods_supported: ["S256"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["RS256"],
    prompt_values_supported: ["none", "login", "consent"],
    ...behavior.sendIssuerInRedirect && { authorization_response_iss_parameter_supported: true },
  });
}

/** The keys that verify tokens (RFC 7517, section 5). */
export async function jwks(_request: IncomingRequest, instance: Instance): Promise<Response> {
  const { publicJwk } = await instance.signingKey();
  return json({ keys: [publicJwk] });
}

/**
 * The revocation endpoint (RFC 7009). It responds with 200 whether or not it knows the token, refuses JWT access tokens,
 * and does not revoke a grant whose refresh token has already been rotated. It ignores tokens of other clients.
 */
function revoke(request: IncomingRequest, instance: Instance): Response {
  const form = readOAuthForm(request);
  const { clientId } = authenticateClient(request, { form, instance });
  const token = form.get("token");
  if (!token) throw new OAuthProblem("invalid_request", "The 'token' parameter is missing");
  if (isJwtAccessToken(token)) {
    throw new OAuthProblem("unsupported_token_type", "JWT access tokens cannot be revoked");
  }
  const found = findActive(token, instance);
  if (found?.authorization.grant.clientId === clientId) found.authorization.grant.revoked = true;
  return new Response(null, { headers: { "Cache-Control": "no-store", "Pragma": "no-cache" } });
}

/** Revoking a refresh token or an access token ends the grant, as in fosite. */
function findActive(token: string, { refreshTokens, accessTokens }: Instance) {
  const refreshToken = refreshTokens.get(token);
  if (refreshToken) return refreshToken.state === "active" ? refreshToken : undefined;
  return accessTokens.get(token);
}

function isJwtAccessToken(token: string): boolean {
  const parts = token.split(".");
  if (parts.length !== 3) return false;
  try {
    return parseJsonObject(new TextDecoder().decode(decodeBase64Url(parts[0] ?? "")))?.typ === "at+jwt";
  } catch {
    // Not base64url, so not a JWT.
    return false;
  }
}

/** The endpoints of the issuer half. */
export type IssuerEndpoint =
  | "home"
  | "authorize"
  | "sign_in"
  | "consent"
  | "token"
  | "revoke"
  | "token_info"
  | "userinfo"
  | "jwks"
  | "metadata";

/** The paths of the issuer half: Clerk's, and those of the emulator's own pages. */
export const ISSUER_ROUTES: readonly Route<IssuerEndpoint>[] = [
  { endpoint: "home", path: "/", methods: { GET: ({ issuer }, instance) => homePage(issuer, instance) } },
  { endpoint: "authorize", path: "/oauth/authorize", methods: { GET: authorize, POST: authorize } },
  { endpoint: "sign_in", path: "/sign-in", methods: { GET: showSignIn, POST: submitSignIn } },
  { endpoint: "consent", path: "/consent", methods: { GET: showConsent, POST: submitConsent } },
  { endpoint: "token", path: "/oauth/token", methods: { POST: token } },
  { endpoint: "revoke", path: "/oauth/token/revoke", methods: { POST: revoke } },
  { endpoint: "token_info", path: "/oauth/token_info", methods: { POST: tokenInfo } },
  { endpoint: "userinfo", path: "/oauth/userinfo", methods: { GET: userinfo, POST: userinfo } },
  { endpoint: "jwks", path: "/.well-known/jwks.json", methods: { GET: jwks } },
  { endpoint: "metadata", path: "/.well-known/openid-configuration", methods: { GET: metadata } },
  { endpoint: "metadata", path: "/.well-known/oauth-authorization-server", methods: { GET: metadata } },
];

/** The introspection endpoint (RFC 7662): for confidential clients, about their own tokens. */
function tokenInfo(request: IncomingRequest, instance: Instance): Response {
  const form = readOAuthForm(request);
  const { clientId, clientSecret } = authenticateClient(request, { form, instance });
  if (clientSecret === null) {
    throw new OAuthProblem("invalid_client", "A public client may not introspect tokens", { status: 401 });
  }
  const token = form.get("token");
  if (!token) throw new OAuthProblem("invalid_request", "The 'token' parameter is missing");
  return json(describe(token, { clientId, instance }) ?? { active: false });
}

function describe(
  token: string,
  { clientId, instance }: { clientId: string; instance: Instance },
): Record<string, unknown> | undefined {
  const accessToken = instance.accessTokens.get(token);
  const refreshToken = instance.refreshTokens.get(token);
  const grant = (accessToken ?? refreshToken)?.authorization.grant;
  if (grant?.clientId !== clientId) return undefined;
  const common = { active: true, client_id: clientId, sub: grant.userId };
  if (accessToken && isActive(accessToken, instance)) {
    return {
      ...common,
      scope: accessToken.scopes.join(" "),
      iat: Math.floor(accessToken.issuedAt / 1000),
      exp: Math.floor(accessToken.expiresAt / 1000),
      token_type: instance.behavior.tokenType,
    };
  }
  if (refreshToken?.state !== "active" || grant.revoked) return undefined;
  const { authorization: { scopes }, issuedAt } = refreshToken;
  return { ...common, scope: scopes.join(" "), iat: Math.floor(issuedAt / 1000) };
}

/** The userinfo endpoint (OpenID Connect Core, section 5.3), with Clerk's fields and error shape. */
function userinfo(request: IncomingRequest, instance: Instance): Response {
  const accessToken = instance.accessTokens.get(bearerToken(request) ?? "");
  const user = accessToken && instance.users.get(accessToken.authorization.grant.userId);
  if (!accessToken || !user || !isActive(accessToken, instance)) {
    throw new ClerkProblem(
      401,
      "oauth_fetch_user_error",
      "The access token is missing, invalid, expired or revoked",
    );
  }
  const { scopes, authorization: { organizationId } } = accessToken;
  return json({
    object: "oauth_user_info",
    instance_id: instance.id,
    user_id: user.id,
    sub: user.id,
    ...scopedUserClaims(user, { scopes, organizationId, instance }),
  });
}

/** The bearer token in the header or in the form (RFC 6750, sections 2.1 and 2.2). */
function bearerToken(request: IncomingRequest): string | null {
  const [scheme = "", token = ""] = request.headers.get("authorization")?.split(" ") ?? [];
  if (scheme.toLowerCase() === "bearer") return token;
  return request.method === "POST" && isForm(request)
    ? new URLSearchParams(request.body).get("access_token")
    : null;
}
