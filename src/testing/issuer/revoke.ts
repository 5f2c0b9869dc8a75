import { decodeBase64Url } from "../../core/base64url.ts";
import { parseJsonObject } from "../../core/json.ts";
import { type IncomingRequest, readOAuthForm } from "../incoming_request.ts";
import type { Instance } from "../instance.ts";
import { OAuthProblem } from "../problems.ts";
import { authenticateClient } from "./client_authentication.ts";

/**
 * The revocation endpoint (RFC 7009). It answers 200 whether or not it knew the token, refuses JWT access tokens, and
 * leaves a grant alone whose refresh token had already been rotated. A token of another client is not touched.
 */
export function revoke(request: IncomingRequest, instance: Instance): Response {
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
