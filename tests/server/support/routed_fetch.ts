/**
 * Handles requests to loopback ports without listeners in this process, because the tests in this directory also run
 * inside workerd, where nothing can listen. Load it before `@clerk/backend`, which keeps the `fetch` that it finds when
 * it is loaded.
 */

type Handler = (request: Request) => Response | Promise<Response>;

const handlers = new Map<string, Handler>();
const original = globalThis.fetch;

globalThis.fetch = async (input, init) => {
  const request = new Request(input, init);
  const handler = handlers.get(new URL(request.url).origin);
  return handler ? await handler(request) : await original(input, init);
};

/** Answers the requests to an origin of its own; returns that origin. */
export function serveOrigin(handler: Handler): string {
  const origin = `http://127.0.0.1:${10_000 + handlers.size}`;
  handlers.set(origin, handler);
  return origin;
}
