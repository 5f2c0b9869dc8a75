/**
 * Requests to made-up hosts, answered in this process: the tests of this folder run inside workerd too, where nothing
 * can listen. It must be imported before `@clerk/backend`, which keeps the `fetch` that it finds when it is loaded.
 */

type Handler = (request: Request) => Response | Promise<Response>;

const hosts = new Map<string, Handler>();
const original = globalThis.fetch;

globalThis.fetch = (input, init) => {
  const request = new Request(input, init);
  const handler = hosts.get(new URL(request.url).host);
  return handler ? Promise.resolve(handler(request)) : original(input, init);
};

/** Answers the requests to a host of its own; returns the origin to send them to. */
export function serveHost(handler: Handler): string {
  const host = `host-${hosts.size}.test`;
  hosts.set(host, handler);
  return `https://${host}`;
}
