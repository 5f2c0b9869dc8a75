import { CLOSING_MS, withinMs } from "../closing.ts";
import { answerLoopback } from "../loopback.ts";
import type { LoopbackHandler, LoopbackServer } from "../runtime.ts";
import { Deno, type DenoHttpServer } from "./api.ts";
import { withPosixCode } from "./posix_error.ts";

/** How long an answer that Deno calls complete may still be on its way to the connection, in milliseconds. */
const WRITING_MS = 2;

/** Serves HTTP on 127.0.0.1 with `Deno.serve`. */
// deno-lint-ignore require-await -- what `Deno.serve` throws is to be a rejection
export async function serveLoopback(
  handler: LoopbackHandler,
  options: { port: number },
): Promise<LoopbackServer> {
  const stop = new AbortController();
  const serveOptions = { hostname: "127.0.0.1", port: options.port, signal: stop.signal, onListen() {} };
  const underWay = new Set<Promise<void>>();
  const server: DenoHttpServer = withPosixCode(() =>
    Deno.serve(serveOptions, (request, { completed }) => {
      const sent: Promise<void> = completed.catch(() => {}).then(() => void underWay.delete(sent));
      underWay.add(sent);
      return answerLoopback(handler, request, server.addr.port);
    })
  );
  const close = async () => {
    await withinMs(Promise.all(underWay), CLOSING_MS);
    await new Promise((resolve) => setTimeout(resolve, WRITING_MS));
    // Not shutdown(): it waits for whoever is slow to ask, and an abort after it throws where nobody can catch it.
    stop.abort();
    await server.finished;
  };
  return { port: server.addr.port, close };
}
