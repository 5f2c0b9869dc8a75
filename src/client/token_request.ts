import { exchange } from "../core/http.ts";
import { readTokenResponse, TOKEN_ENDPOINT } from "../core/token_endpoint.ts";
import type { TokenSet } from "../core/token_set.ts";
import type { HttpRequest } from "../core/transport.ts";
import type { ClientContext } from "./context.ts";

/** Sends a request to the token endpoint; `secrets` are what it sends in confidence. */
export async function requestTokens(
  { config, runtime, transport }: ClientContext,
  request: HttpRequest,
  { secrets, signal }: { secrets: readonly string[]; signal?: AbortSignal | undefined },
): Promise<TokenSet> {
  const sentAt = runtime.now();
  const answer = await exchange(request, {
    transport,
    step: "token_exchange",
    endpointName: TOKEN_ENDPOINT,
    timeoutMs: config.requestTimeoutMs,
    signal,
  });
  return readTokenResponse(answer, { sentAt, secrets });
}
