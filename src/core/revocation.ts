import { formRequest, type HttpAnswer, type HttpRequest } from "./http.ts";
import { refusal } from "./oauth_error.ts";

/** The name of the revocation endpoint in messages. */
export const REVOCATION_ENDPOINT = "The revocation endpoint";

/** What kind of token is revoked (RFC 7009, section 2.1). */
export type TokenTypeHint = "access_token" | "refresh_token";

/** What is revoked. */
export interface Revocation {
  clientId: string;
  token: string;
  tokenTypeHint?: TokenTypeHint | undefined;
}

/** The request that revokes a token (RFC 7009, section 2.1). */
export function revocationRequest(
  endpoint: string,
  { clientId, token, tokenTypeHint }: Revocation,
): HttpRequest {
  return formRequest(endpoint, {
    client_id: clientId,
    token,
    ...(tokenTypeHint && { token_type_hint: tokenTypeHint }),
  });
}

/**
 * Reads the response of the revocation endpoint (RFC 7009, section 2.2).
 *
 * @throws {ClerkCliAuthError} `revoke` when the token was not revoked.
 */
export function readRevocationResponse(answer: HttpAnswer, token: string): void {
  if (answer.status === 200 || answer.status === 204) return;
  throw refusal(answer, { step: "revoke", endpointName: REVOCATION_ENDPOINT, secrets: [token] });
}
