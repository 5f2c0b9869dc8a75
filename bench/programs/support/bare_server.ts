/** A server of the runtime's own. */
export interface BareServer {
  readonly port: number;
  close(): Promise<void>;
}

type Handler = (request: Request) => Response | Promise<Response>;

interface Runtimes {
  Bun?: {
    serve(options: { hostname: string; port: number; fetch: Handler }): {
      port: number;
      stop(closeActiveConnections: boolean): Promise<void>;
    };
  };
  Deno?: {
    serve(options: { hostname: string; port: number; onListen(): void }, handler: Handler): {
      addr: { port: number };
      shutdown(): Promise<void>;
    };
  };
}

const HOSTNAME = "127.0.0.1";

/** Serves HTTP with the runtime's own server and no care for anything. */
export async function serveBare(handler: Handler): Promise<BareServer> {
  const { Bun, Deno } = globalThis as unknown as Runtimes;
  if (Bun) {
    const server = Bun.serve({ hostname: HOSTNAME, port: 0, fetch: handler });
    return { port: server.port, close: () => server.stop(true) };
  }
  if (Deno) {
    const server = Deno.serve({ hostname: HOSTNAME, port: 0, onListen() {} }, handler);
    return { port: server.addr.port, close: () => server.shutdown() };
  }
  return await serveOnNode(handler);
}

async function serveOnNode(handler: Handler): Promise<BareServer> {
  const { createServer } = await import("node:http");
  const server = createServer(async ({ url }, outgoing) => {
    const response = await handler(new Request(`http://${HOSTNAME}${url}`));
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    outgoing.end(await response.text());
  });
  await new Promise<void>((resolve) => server.listen(0, HOSTNAME, resolve));
  const { port } = server.address() as { port: number };
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { port, close };
}
