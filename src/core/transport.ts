/** One small HTTP request. A body is always text: a form or nothing. */
export interface HttpRequest {
  method: "GET" | "POST";
  url: string;
  headers: Record<string, string>;
  body?: string;
}

/** The answer to an {@linkcode HttpRequest}, its body not yet read. */
export interface HttpResponse {
  status: number;
  headers: { get(name: string): string | null };
  body: AsyncIterable<Uint8Array> | null;
}

/**
 * Sends a request on a connection of its own and answers when the headers are there. It follows no redirect, does
 * not retry, and stops, the reading of the body included, when `signal` aborts.
 */
export type Transport = (request: HttpRequest, signal: AbortSignal) => Promise<HttpResponse>;

/** Makes a {@linkcode Transport} of a `fetch` function. */
export function fetchTransport(fetch: typeof globalThis.fetch, init: RequestInit = {}): Transport {
  return async (request, signal) => {
    const { method, headers, body = null } = request;
    const response = await fetch(request.url, { ...init, method, headers, body, signal, redirect: "manual" });
    return {
      status: response.status,
      headers: response.headers,
      body: response.body && chunks(response.body),
    };
  };
}

async function* chunks(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    // A body that was not read to its end is given up; what its cancellation says no longer matters.
    reader.cancel().catch(() => {});
  }
}
