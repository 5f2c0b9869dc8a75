import type { ClerkClientLike } from "./clerk_client.ts";
import type { Credential } from "./credential.ts";

/**
 * Asks Clerk about an opaque token by the client's own call, which shows of the answer what `authenticateRequest` hides;
 * `undefined` where the client has none.
 */
export async function verifyPlainly(
  { apiKeys, idPOAuthAccessToken }: ClerkClientLike,
  { token, type }: Credential,
  audience?: readonly string[],
): Promise<unknown> {
  if (type === "api_key") return await apiKeys?.verify(token);
  return await idPOAuthAccessToken?.verify(token, audience ? { audience: [...audience] } : {});
}
