import { within } from "../../core/time.ts";
import { CLOSING_MS, respondOnLoopback } from "../loopback.ts";
import type { LoopbackHandler, LoopbackServer } from "../runtime.ts";
import type { DenoApi, DenoHttpServer } from "./api.ts";
import { withPosixCode } from "./files.ts";

declare const Deno: DenoApi;

// deno-lint-ignore require-await -- what `Deno.serve` throws must be a rejection
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
      return respondOnLoopback(handler, request, server.addr.port).then(streamed);
    })
  );
  const close = async () => {
    await within(CLOSING_MS, Promise.all(underWay));
    // Not shutdown(): it waits for slow clients, and an abort after it throws where nobody can catch it.
    stop.abort();
    await server.finished;
  };
  return { port: server.addr.port, close };
}

/** Statuses whose responses have no body (Fetch standard, "null body status"). */
const WITHOUT_BODY = [101, 204, 205, 304];

/** Gives a response a body that Deno has to pull, even if empty. Deno reports any other as sent too early. */
function streamed({ body, status, headers }: Response): Response {
  if (WITHOUT_BODY.includes(status)) return new Response(null, { status, headers });
  const reader = body?.getReader();
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await reader?.read() ?? { done: true };
      if (done || value === undefined) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader?.cancel(reason),
  });
  return new Response(stream, { status, headers });
}
