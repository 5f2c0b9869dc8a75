import { CLOSING_MS, withinMs } from "../closing.ts";
import { answerLoopback } from "../loopback.ts";
import type { LoopbackHandler, LoopbackServer } from "../runtime.ts";
import { Deno, type DenoHttpServer } from "./api.ts";
import { withPosixCode } from "./posix_error.ts";

const WRITING_MS = 2;

/** Serves HTTP on 127.0.0.1 with `Deno.serve`. */
// deno-lint-ignore require-await -- what `Deno.serve` throws is to be a rejection
export async function serveLoopback(
  handler: LoopbackHandler,
  options: { port: number },
): Promise<LoopbackServer> {
  const stop = new AbortController();
  const serveOptions = { hostname: "127.0.0.1", port: options.port, signal: stop.signal, onListen() {} };
  const server: DenoHttpServer = withPosixCode(() =>
    Deno.serve(serveOptions, (request) => answerLoopback(handler, request, server.addr.port))
  );
  const close = async () => {
    // It lets answers go out, but would wait for whoever is slow to ask.
    const isShutDown = await withinMs(server.shutdown().then(() => true), CLOSING_MS);
    if (!isShutDown) stop.abort();
    await server.finished;
  };
  return { port: server.addr.port, close };
}
