import { json } from "../answers.ts";
import type { AccessToken, RefreshToken } from "../grants.ts";
import { type IncomingRequest, readOAuthForm } from "../incoming_request.ts";
import type { Instance } from "../instance.ts";
import { OAuthProblem } from "../problems.ts";
import { redeemCode } from "./authorization_code_grant.ts";
import { authenticateClient } from "./client_authentication.ts";
import { issueIdToken } from "./issue_tokens.ts";
import { redeemRefreshToken } from "./refresh_token_grant.ts";

/** What a grant yields. */
export interface IssuedTokens {
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
