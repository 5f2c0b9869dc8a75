import { json } from "../answers.ts";
import { type IncomingRequest, isForm } from "../incoming_request.ts";
import type { Instance } from "../instance.ts";
import { ClerkProblem } from "../problems.ts";
import { isActive } from "./active_access_token.ts";
import { scopedUserClaims } from "./user_claims.ts";

/** The userinfo endpoint (OpenID Connect Core, section 5.3), with the fields and the error shape of Clerk. */
export function userinfo(request: IncomingRequest, instance: Instance): Response {
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
