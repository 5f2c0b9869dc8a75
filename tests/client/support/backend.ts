import { loadRuntime } from "../../doors/runtime.ts";

/** A received request. */
export interface SeenRequest {
  method: string;
  path: string;
  authorization: string | null;
  body: string;
}

/** A backend on the loopback interface that records its requests. */
export interface Backend {
  origin: string;
  seen: SeenRequest[];
  close(): Promise<void>;
}

/** Starts a backend with these responses. */
export async function startBackend(answer: (request: SeenRequest) => Response): Promise<Backend> {
  const { serveLoopback } = await loadRuntime();
  const seen: SeenRequest[] = [];
  const server = await serveLoopback(async (request) => {
    const { method, url, headers } = request;
    const authorization = headers.get("authorization");
    const noted = { method, path: new URL(url).pathname, authorization, body: await request.text() };
    seen.push(noted);
    return answer(noted);
  }, { port: 0 });
  return { origin: `http://127.0.0.1:${server.port}`, seen, close: () => server.close() };
}

/** An error response by RFC 6750, section 3. */
export function bearerRefusal(status: number, parameters: string): Response {
  return new Response(null, { status, headers: { "www-authenticate": `Bearer ${parameters}` } });
}
