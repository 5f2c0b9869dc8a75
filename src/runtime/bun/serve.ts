import { CLOSING_MS, respondOnLoopback } from "../loopback.ts";
import type { LoopbackHandler, LoopbackServer } from "../runtime.ts";
import { Bun } from "./api.ts";

/** Serves HTTP on 127.0.0.1 with `Bun.serve`. */
// deno-lint-ignore require-await -- what `Bun.serve` throws must be a rejection
export async function serveLoopback(
  handler: LoopbackHandler,
  options: { port: number },
): Promise<LoopbackServer> {
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: options.port,
    development: false,
    reusePort: false, // Outside of development, Bun would share the port with anyone who asks.
    idleTimeout: 0, // A response may take longer than Bun's default of ten seconds.
    fetch: (request) => respondOnLoopback(handler, request, server.port),
    error: () => new Response(null, { status: 500 }),
  });
  const stop = async () => {
    const end = performance.now() + CLOSING_MS;
    while (server.pendingRequests > 0 && performance.now() < end) await Bun.sleep(0);
    // Unlike stop(false), this ends open connections instead of waiting for them.
    await server.stop(true);
  };
  let stopped: Promise<void> | undefined;
  // A second stop() never settles.
  return { port: server.port, close: () => stopped ??= stop() };
}
