import type { ClerkClientLike } from "./clerk_client.ts";
import type { Credential } from "./credential.ts";

/**
 * Asks Clerk about an opaque token by the client's own call, which shows of the answer what `authenticateRequest` hides;
 * `undefined` where the client has none.
 */
export async function verifyPlainly(clerk: ClerkClientLike, { token, type }: Credential): Promise<unknown> {
  const api = type === "api_key" ? clerk.apiKeys : clerk.idPOAuthAccessToken;
  return await api?.verify(token);
}
