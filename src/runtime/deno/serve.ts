import { AnswersUnderWay } from "../answers_under_way.ts";
import { answerLoopback } from "../loopback.ts";
import type { LoopbackHandler, LoopbackServer } from "../runtime.ts";
import { Deno, type DenoHttpServer } from "./api.ts";
import { withPosixCode } from "./posix_error.ts";

/** Serves HTTP on 127.0.0.1 with `Deno.serve`. */
// deno-lint-ignore require-await -- what `Deno.serve` throws is to be a rejection
export async function serveLoopback(
  handler: LoopbackHandler,
  options: { port: number },
): Promise<LoopbackServer> {
  const stop = new AbortController();
  const serveOptions = { hostname: "127.0.0.1", port: options.port, signal: stop.signal, onListen() {} };
  const answers = new AnswersUnderWay();
  const server: DenoHttpServer = withPosixCode(() =>
    Deno.serve(serveOptions, (request, { completed }) => {
      answers.add(completed);
      return answerLoopback(handler, request, server.addr.port);
    })
  );
  const close = async () => {
    await answers.sent();
    // Unlike shutdown(), which waits for connections that may stay open for minutes, this ends them.
    stop.abort();
    await server.finished;
  };
  return { port: server.addr.port, close };
}
