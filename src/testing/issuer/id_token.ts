import { encodeBase64Url } from "../../core/base64url.ts";
import type { AccessToken } from "../grants.ts";
import type { Instance } from "../instance.ts";
import { scopedUserClaims } from "./user_claims.ts";

/** The claims of the ID token that comes with an access token (OpenID Connect Core, sections 2 and 3.1.3.6). */
export async function idTokenClaims(
  { token, authorization, scopes, issuedAt, expiresAt }: AccessToken,
  { instance, issuer }: { instance: Instance; issuer: string },
): Promise<Record<string, unknown>> {
  const { grant, nonce, authenticatedAt, organizationId } = authorization;
  const user = instance.users.get(grant.userId);
  return {
    ...user && scopedUserClaims(user, { scopes, organizationId, instance }),
    iss: issuer,
    sub: grant.userId,
    aud: grant.clientId,
    iat: Math.floor(issuedAt / 1000),
    exp: Math.floor(expiresAt / 1000),
    auth_time: Math.floor(authenticatedAt / 1000),
    at_hash: await halfHash(token),
    ...nonce !== undefined && { nonce },
  };
}

async function halfHash(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return encodeBase64Url(new Uint8Array(digest).subarray(0, 16));
}
