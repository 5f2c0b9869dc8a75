import type { HttpRequest, HttpResponse } from "../../core/http.ts";
import { builtin } from "./builtins.ts";

interface IncomingMessage extends AsyncIterable<Uint8Array> {
  readonly statusCode: number;
  readonly headers: Record<string, string | string[] | undefined>;
  destroy(): void;
  once(event: "close", listener: () => void): void;
}

interface ClientRequest {
  on(event: "response", listener: (incoming: IncomingMessage) => void): void;
  on(event: "error", listener: (error: Error) => void): void;
  end(body?: string): void;
  destroy(): void;
}

interface RequestOptions {
  method: string;
  headers: Record<string, string>;
  agent: Agent | false;
}

interface AgentOptions {
  keepAlive?: boolean;
  proxyEnv?: Record<string, string | undefined> | undefined;
}

interface Agent {
  readonly options: AgentOptions;
}

interface Http {
  readonly Agent: new (options: AgentOptions) => Agent;
  readonly globalAgent: Agent;
  request(url: string, options: RequestOptions): ClientRequest;
}

/**
 * A {@linkcode Transport} on `node:http` and `node:https`: a cold `fetch` costs Node ten times as much. Certificates
 * are checked as Node is configured (`NODE_EXTRA_CA_CERTS`), and proxies used as by `fetch` (`NODE_USE_ENV_PROXY`).
 */
export function transport(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    // Node decodes no content encoding, so we ask for none. Some services reject clients without a name.
    const headers = { "user-agent": "node", ...request.headers, "accept-encoding": "identity" };
    const http = builtin<Http>(request.url.startsWith("https:") ? "node:https" : "node:http");
    const outgoing = http.request(request.url, { method: request.method, headers, agent: freshAgent(http) });
    const stop = () => {
      outgoing.destroy();
      reject(signal.reason);
    };
    signal.addEventListener("abort", stop, { once: true });
    outgoing.on("error", reject);
    outgoing.on("response", (incoming) => {
      incoming.once("close", () => signal.removeEventListener("abort", stop));
      resolve({ status: incoming.statusCode, headers: headersOf(incoming), body: read(incoming, signal) });
    });
    outgoing.end(request.body);
  });
}

/** An agent that keeps no connection. In newer versions of Node, the global agent uses proxies if told to. */
function freshAgent({ Agent, globalAgent: { options: { proxyEnv } } }: Http): Agent | false {
  return proxyEnv === undefined ? false : new Agent({ keepAlive: false, proxyEnv });
}

function headersOf(incoming: IncomingMessage): HttpResponse["headers"] {
  return {
    get(name) {
      const value = incoming.headers[name.toLowerCase()] ?? null;
      return Array.isArray(value) ? value.join(", ") : value;
    },
  };
}

async function* read(incoming: IncomingMessage, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    yield* incoming;
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    incoming.destroy();
  }
}
