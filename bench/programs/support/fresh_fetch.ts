interface Sent {
  method?: string;
  body?: URLSearchParams;
  headers?: Record<string, string>;
}

type Fetch = (url: string, init?: Sent) => Promise<Response>;

interface Runtimes {
  Bun?: unknown;
  Deno?: {
    createHttpClient(options: { poolMaxIdlePerHost: number; http2: boolean }): { close(): void };
  };
}

/** Returns a `fetch` that opens a new connection for each request, by the runtime's own means. */
export async function freshFetch(): Promise<Fetch> {
  const { Bun, Deno } = globalThis as unknown as Runtimes;
  if (Bun) return (url, init) => fetch(url, { ...init, keepalive: false });
  if (!Deno) return await nodeFetch();
  return async (url, init) => {
    const client = Deno.createHttpClient({ poolMaxIdlePerHost: 0, http2: false });
    const answer = await fetch(url, { ...init, client } as RequestInit);
    client.close();
    return answer;
  };
}

async function nodeFetch(): Promise<Fetch> {
  const { request } = await import("node:http");
  return (url, { method = "GET", body, headers = {} } = {}) =>
    new Promise((resolve, reject) => {
      const type = body && { "content-type": "application/x-www-form-urlencoded" };
      const sent = request(
        url,
        { method, headers: { ...headers, ...type }, agent: false },
        async (incoming) => {
          let text = "";
          for await (const chunk of incoming) text += chunk;
          resolve(new Response(text, { status: incoming.statusCode ?? 0 }));
        },
      );
      sent.on("error", reject);
      sent.end(body?.toString());
    });
}
