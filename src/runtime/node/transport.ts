import type { HttpRequest, HttpResponse } from "../../core/http.ts";
import type { KeptConnection } from "../runtime.ts";
import { builtin } from "./builtins.ts";

interface IncomingMessage extends AsyncIterable<Uint8Array> {
  readonly statusCode: number;
  readonly headers: Record<string, string | string[] | undefined>;
  destroy(): void;
  once(event: "close", listener: () => void): void;
}

interface ClientRequest {
  readonly reusedSocket: boolean;
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
  maxSockets?: number;
  proxyEnv?: Record<string, string | undefined> | undefined;
}

interface Agent {
  readonly options: AgentOptions;
  readonly protocol: string;
  destroy(): void;
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
  return send(request, { signal, agent: freshAgent(httpOf(request)) });
}

/** Keeps the connection that the last POST opened for the GETs after it. */
export function keepConnection(): KeptConnection {
  const agents: Agent[] = [];
  return {
    transport(request, signal) {
      const { Agent, globalAgent: { options: { proxyEnv }, protocol } } = httpOf(request);
      let agent = agents.at(-1);
      if (request.method !== "GET" || agent?.protocol !== protocol) {
        agent = new Agent({ keepAlive: true, maxSockets: 1, proxyEnv }); // A GET waits until the one socket is free again.
        agents.push(agent);
      }
      return send(request, { signal, agent });
    },
    close() {
      for (const agent of agents) agent.destroy();
    },
  };
}

function httpOf({ url }: HttpRequest): Http {
  return builtin<Http>(url.startsWith("https:") ? "node:https" : "node:http");
}

/** An agent that keeps no connection. In newer versions of Node, the global agent uses proxies if told to. */
function freshAgent({ Agent, globalAgent: { options: { proxyEnv } } }: Http): Agent | false {
  return proxyEnv === undefined ? false : new Agent({ keepAlive: false, proxyEnv });
}

interface SendOptions {
  signal: AbortSignal;
  agent: Agent | false;
}

function send(request: HttpRequest, { signal, agent }: SendOptions): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    // Node decodes no content encoding, so we ask for none. Some services reject clients without a name.
    const headers = { "user-agent": "node", ...request.headers, "accept-encoding": "identity" };
    const outgoing = httpOf(request).request(request.url, { method: request.method, headers, agent });
    const stop = () => {
      outgoing.destroy();
      reject(signal.reason);
    };
    signal.addEventListener("abort", stop, { once: true });
    let isAnswered = false;
    outgoing.on("error", (error) => {
      // The server has closed a kept connection: only a GET is ever sent on one.
      const isDropped = outgoing.reusedSocket && !isAnswered && !signal.aborted;
      if (isDropped) resolve(transport(request, signal));
      else reject(error);
    });
    outgoing.on("response", (incoming) => {
      isAnswered = true;
      incoming.once("close", () => signal.removeEventListener("abort", stop));
      resolve({ status: incoming.statusCode, headers: headersOf(incoming), body: read(incoming, signal) });
    });
    outgoing.end(request.body);
  });
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
