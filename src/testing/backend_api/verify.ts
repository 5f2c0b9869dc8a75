import { ClerkProblem, json } from "../http.ts";
import type { Instance } from "../instance.ts";
import type { AccessToken } from "../issuer/state.ts";
import { isActive } from "../issuer/tokens.ts";
import type { Handler } from "../serve.ts";
import { apiKeyJson, isExpired, JsonBody, missingResource } from "./json.ts";

/** These endpoints return 400 where others return 422. */
const STATUSES = { malformed: 400, invalid: 400 } as const;

/** A token that used to be valid. */
interface DeadToken {
  /** The kind of token, for the message. */
  what: string;
  /** The token as JSON, marked as revoked or expired. */
  marked: Record<string, unknown>;
}

/**
 * Responds to a token that used to be valid.
 *
 * @throws {ClerkProblem} 404 or 400, as configured.
 */
function deadTokenResponse({ behavior }: Instance, { what, marked }: DeadToken): Response {
  if (behavior.deadTokens === "marked") return json(marked);
  if (behavior.deadTokens === "inactive") return json({ active: false });
  if (behavior.deadTokens === 404) throw missingResource(what);
  throw new ClerkProblem(400, "token_inactive", `${what} is revoked or expired`);
}

/** `POST /api_keys/verify` */
export const verifyApiKey: Handler = (request, instance) => {
  const secret = new JsonBody(request, STATUSES).requiredText("secret");
  const apiKey = [...instance.apiKeys.values()].find((candidate) => candidate.secret === secret);
  if (!apiKey) throw missingResource("API key");
  if (apiKey.revoked || isExpired(apiKey, instance)) {
    return deadTokenResponse(instance, { what: "API key", marked: apiKeyJson(apiKey, instance) });
  }
  apiKey.lastUsedAt = instance.now();
  return json(apiKeyJson(apiKey, instance));
};

/** `POST /oauth_applications/access_tokens/verify` */
export const verifyAccessToken: Handler = (request, instance) => {
  const body = new JsonBody(request, STATUSES);
  const accessToken = instance.accessTokens.get(body.text("access_token") ?? body.requiredText("secret"));
  if (!accessToken) throw missingResource("OAuth access token");
  if (accessToken.format === "jwt" && isOver(accessToken, instance)) return json({ active: false });
  const marked = accessTokenJson(accessToken, instance);
  if (!isActive(accessToken, instance)) {
    return deadTokenResponse(instance, { what: "OAuth access token", marked });
  }
  return json(marked);
};

function accessTokenJson(accessToken: AccessToken, instance: Instance): Record<string, unknown> {
  const { id, authorization: { grant, audience }, scopes, issuedAt, expiresAt } = accessToken;
  const expired = isOver(accessToken, instance);
  // In seconds, unlike those of API keys.
  const issued = Math.floor(issuedAt / 1_000);
  return {
    object: "clerk_idp_oauth_access_token",
    id,
    client_id: grant.clientId,
    subject: grant.userId,
    scopes,
    revoked: !expired && !isActive(accessToken, instance),
    revocation_reason: null,
    expired,
    expiration: Math.floor(expiresAt / 1_000),
    created_at: issued,
    updated_at: issued,
    ...instance.behavior.verifiedTokensNameAudience && audience !== undefined && { aud: [audience] },
  };
}

function isOver({ expiresAt }: AccessToken, instance: Instance): boolean {
  return expiresAt <= instance.now();
}
