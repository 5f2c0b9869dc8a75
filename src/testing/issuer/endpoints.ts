import { ClerkProblem, type IncomingRequest, isForm, json, OAuthProblem, readOAuthForm } from "../http.ts";
import type { Instance } from "../instance.ts";
import type { Route } from "../serve.ts";
import { authorize } from "./authorize.ts";
import { authenticateClient, register } from "./clients.ts";
import { authorizeDevice, showDevice, submitDevice } from "./device.ts";
import { showConsent, showSignIn, submitConsent, submitSignIn } from "./interaction.ts";
import { oauthMetadata, openidConfiguration } from "./metadata.ts";
import { token } from "./token.ts";
import { findToken, isActive, isJwtAccessToken, organizationClaim, scopedUserClaims } from "./tokens.ts";

/** The keys that verify tokens (RFC 7517, section 5). */
export async function jwks(_request: IncomingRequest, instance: Instance): Promise<Response> {
  const { publicJwk } = await instance.signingKey();
  return json({ keys: [publicJwk] });
}

/**
 * The revocation endpoint (RFC 7009). It returns 200 even for unknown tokens, rejects JWT access tokens,
 * ignores tokens of other clients, and does not revoke a grant by a rotated refresh token.
 */
function revoke(request: IncomingRequest, instance: Instance): Response {
  const form = readOAuthForm(request);
  const { clientId } = authenticateClient(request, { form, instance });
  const token = form.get("token");
  if (!token) throw new OAuthProblem("invalid_request", "The 'token' parameter is missing");
  if (isJwtAccessToken(token)) {
    throw new OAuthProblem("unsupported_token_type", "JWT access tokens cannot be revoked");
  }
  const found = findToken(token, instance);
  if (found?.authorization.grant.clientId === clientId) found.authorization.grant.revoked = true;
  return new Response(null, { headers: { "Cache-Control": "no-store", "Pragma": "no-cache" } });
}

/** The endpoints of the OAuth server. */
export type IssuerEndpoint =
  | "authorize"
  | "sign_in"
  | "consent"
  | "device_authorization"
  | "device"
  | "register"
  | "token"
  | "revoke"
  | "token_info"
  | "userinfo"
  | "jwks"
  | "metadata";

/** The paths of the OAuth server: Clerk's, and those of the emulator's sign-in pages. */
export const ISSUER_ROUTES: readonly Route<IssuerEndpoint>[] = [
  { endpoint: "authorize", path: "/oauth/authorize", methods: { GET: authorize, POST: authorize } },
  { endpoint: "sign_in", path: "/sign-in", methods: { GET: showSignIn, POST: submitSignIn } },
  { endpoint: "consent", path: "/consent", methods: { GET: showConsent, POST: submitConsent } },
  {
    endpoint: "device_authorization",
    path: "/oauth/device_authorization",
    methods: { POST: authorizeDevice },
  },
  { endpoint: "device", path: "/device", methods: { GET: showDevice, POST: submitDevice } },
  { endpoint: "register", path: "/oauth/register", methods: { POST: register } },
  { endpoint: "token", path: "/oauth/token", methods: { POST: token } },
  { endpoint: "revoke", path: "/oauth/token/revoke", methods: { POST: revoke } },
  { endpoint: "token_info", path: "/oauth/token_info", methods: { POST: tokenInfo } },
  { endpoint: "userinfo", path: "/oauth/userinfo", methods: { GET: userinfo, POST: userinfo } },
  { endpoint: "jwks", path: "/.well-known/jwks.json", methods: { GET: jwks } },
  { endpoint: "metadata", path: "/.well-known/openid-configuration", methods: { GET: openidConfiguration } },
  { endpoint: "metadata", path: "/.well-known/oauth-authorization-server", methods: { GET: oauthMetadata } },
];

/**
 * The introspection endpoint (RFC 7662): confidential clients can check their own tokens. Clerk documents no
 * 400, so that a missing token is just inactive.
 */
function tokenInfo(request: IncomingRequest, instance: Instance): Response {
  const form = new URLSearchParams(isForm(request) ? request.body : "");
  const { clientId, clientSecret } = authenticateClient(request, { form, instance });
  if (clientSecret === null) {
    throw new OAuthProblem("invalid_client", "A public client may not introspect tokens", { status: 401 });
  }
  return json(describe(form.get("token") ?? "", { clientId, instance }) ?? { active: false });
}

function describe(
  token: string,
  { clientId, instance }: { clientId: string; instance: Instance },
): Record<string, unknown> | undefined {
  const found = findToken(token, instance);
  if (found?.authorization.grant.clientId !== clientId) return undefined;
  const { authorization, issuedAt } = found;
  const isAccessToken = "expiresAt" in found;
  if (isAccessToken ? !isActive(found, instance) : authorization.grant.revoked) return undefined;
  const { scopes } = isAccessToken ? found : authorization;
  return {
    active: true,
    client_id: clientId,
    sub: authorization.grant.userId,
    scope: scopes.join(" "),
    iat: Math.floor(issuedAt / 1000),
    ...organizationClaim({ authorization, scopes }),
  };
}

/** The userinfo endpoint (OpenID Connect Core 1.0, section 5.3), with Clerk's fields and error format. */
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

/** Returns the bearer token in the header or the form (RFC 6750, sections 2.1 and 2.2). */
function bearerToken(request: IncomingRequest): string | null {
  const [scheme = "", token = ""] = request.headers.get("authorization")?.split(" ") ?? [];
  if (scheme.toLowerCase() === "bearer") return token;
  return request.method === "POST" && isForm(request)
    ? new URLSearchParams(request.body).get("access_token")
    : null;
}
