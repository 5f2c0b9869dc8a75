import { json } from "../answers.ts";
import { type IncomingRequest, readOAuthForm } from "../incoming_request.ts";
import type { Instance } from "../instance.ts";
import { OAuthProblem } from "../problems.ts";
import { isActive } from "./active_access_token.ts";
import { authenticateClient } from "./client_authentication.ts";

/** The introspection endpoint (RFC 7662): for confidential clients, about their own tokens. */
export function tokenInfo(request: IncomingRequest, instance: Instance): Response {
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
