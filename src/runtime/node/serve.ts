import { within } from "../../core/time.ts";
import { badRequest, CLOSING_MS, loopbackUrl, respondSafely } from "../loopback.ts";
import type { LoopbackHandler, LoopbackServer } from "../runtime.ts";
import { builtin } from "./builtins.ts";

interface IncomingMessage extends AsyncIterable<Uint8Array> {
  readonly method: string;
  readonly url: string;
  readonly rawHeaders: string[];
  readonly headers: { host?: string };
}

interface ServerResponse {
  writeHead(status: number, headers: string[]): void;
  write(chunk: Uint8Array): boolean;
  end(): void;
  destroy(): void;
  once(event: "drain" | "close", listener: () => void): void;
  off(event: "drain" | "close", listener: () => void): void;
}

interface HttpServer {
  listen(port: number, hostname: string): void;
  address(): { port: number };
  close(listener: () => void): void;
  closeAllConnections(): void;
  once(event: "listening", listener: () => void): void;
  once(event: "error", listener: (error: Error) => void): void;
}

interface Http {
  createServer(listener: (incoming: IncomingMessage, outgoing: ServerResponse) => void): HttpServer;
}

export async function serveLoopback(
  handler: LoopbackHandler,
  options: { port: number },
): Promise<LoopbackServer> {
  const underWay = new Set<Promise<void>>();
  const server = builtin<Http>("node:http").createServer((incoming, outgoing) => {
    const sent: Promise<void> = new Promise<void>((resolve) => outgoing.once("close", resolve))
      .then(() => void underWay.delete(sent));
    underWay.add(sent);
    respond(incoming, outgoing).catch(() => outgoing.destroy()); // A broken response must break the connection.
  });
  const respond = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const request = toRequest(incoming, port);
    await send(request === null ? badRequest() : await respondSafely(handler, request), outgoing);
  };
  await new Promise<void>((resolve, reject) => {
    server.once("listening", resolve);
    server.once("error", reject);
    server.listen(options.port, "127.0.0.1");
  });
  const { port } = server.address();
  const close = async () => {
    await within(CLOSING_MS, Promise.all(underWay));
    await new Promise<void>((resolve) => {
      server.close(resolve);
      server.closeAllConnections(); // A browser's spare connection would keep the process alive for half a minute.
    });
  };
  return { port, close };
}

function toRequest(incoming: IncomingMessage, port: number): Request | null {
  const { method, headers: { host = null } } = incoming;
  const url = loopbackUrl(incoming.url, { host, port });
  if (url === null) return null;
  const hasBody = method !== "GET" && method !== "HEAD";
  try {
    const init = { method, headers: pairs(incoming.rawHeaders), body: hasBody ? toStream(incoming) : null };
    return new Request(url, { ...init, duplex: "half" } as RequestInit);
  } catch {
    return null; // A method that Request refuses, such as TRACE.
  }
}

function pairs(flat: string[]): [string, string][] {
  const result: [string, string][] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) result.push([flat[i]!, flat[i + 1]!]);
  return result;
}

function toStream(incoming: IncomingMessage): ReadableStream<Uint8Array> {
  const chunks = incoming[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(new Uint8Array(value));
    },
  });
}

async function send(response: Response, outgoing: ServerResponse): Promise<void> {
  outgoing.writeHead(response.status, [...response.headers].flat());
  const reader = response.body?.getReader();
  for (;;) {
    const { done, value } = await reader?.read() ?? { done: true };
    if (done || value === undefined) break;
    if (!outgoing.write(value)) await drained(outgoing);
  }
  outgoing.end();
}

/** Resolves when more can be written, or the client is gone. */
function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const proceed = () => {
      outgoing.off("drain", proceed);
      outgoing.off("close", proceed);
      resolve();
    };
    outgoing.once("drain", proceed);
    outgoing.once("close", proceed);
  });
}
