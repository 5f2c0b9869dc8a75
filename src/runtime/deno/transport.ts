import { fetchTransport, type HttpRequest, type HttpResponse } from "../../core/http.ts";
import type { DenoApi } from "./api.ts";

declare const Deno: DenoApi;

/**
 * A {@linkcode Transport} on Deno's `fetch`, with a client that keeps no connection: if a reused one drops, Deno sends a
 * POST again, and a refresh token sent twice ends the session. HTTP/2 is disabled because Deno retries there, too.
 */
export async function transport(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
  const client = Deno.createHttpClient({ poolMaxIdlePerHost: 0, http2: false });
  try {
    return await fetchTransport(fetch, { client } as RequestInit)(request, signal);
  } finally {
    client.close(); // A body that is still to be read keeps its own connection.
  }
}
