import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { readWholeRequests } from "../../harness/whole_requests.ts";
import { type Certificates, type Front, openFront } from "./front.ts";
import { type Play, sendTruly } from "./raw_answer.ts";

/** A fault, until it is fixed. */
export interface FaultOrder {
  /** The path whose requests fail. */
  path: string;
  /** What happens to them; a fault of the connection affects every later one. */
  fault: Play | "refused" | "distrusted";
  /** The request after whose response the fault starts. */
  after?: ((path: string, answer: Response) => boolean) | undefined;
}

/** A server whose responses are, byte for byte, what a test says. */
export interface FaultServer {
  readonly origin: string;
  /** The requested paths. */
  readonly paths: readonly string[];
  /** Adds a fault, in effect when this returns. The promise resolves once the fault has been met. */
  fail(order: FaultOrder): Promise<void>;
  /** Removes the fault. */
  mend(): Promise<void>;
  close(): void;
}

/** Starts a server that responds like `handler`, except for faults; with certificates, over TLS. */
export async function startFaultServer(
  handler: (request: Request) => Promise<Response>,
  certificates?: Certificates,
): Promise<FaultServer> {
  const paths: string[] = [];
  const front: Front = await openFront(
    (socket) => readWholeRequests(socket, (text) => respond(socket, text)),
    certificates,
  );
  const origin = `http${certificates ? "s" : ""}://127.0.0.1:${front.port}`;
  let order: FaultOrder | undefined;
  let isDue = false;
  let meet = () => {};

  async function respond(socket: Socket, text: string): Promise<void> {
    const request = parseRequest(text, origin);
    const { pathname } = new URL(request.url);
    paths.push(pathname);
    const fault = isDue && pathname === order?.path ? order.fault : undefined;
    if (typeof fault === "function") {
      meet();
      return await fault(socket, () => handler(request));
    }
    const response = await handler(request);
    if (order?.after?.(pathname, response)) begin();
    await sendTruly(socket, () => Promise.resolve(response));
  }

  /** A fault of the connection must be in place before the next one is opened. */
  function begin(): void {
    isDue = true;
    if (typeof order!.fault === "function") return;
    if (order!.fault === "refused") front.refuse();
    else front.distrust();
    meet();
  }

  return {
    origin,
    paths,
    fail(next) {
      order = next;
      const met = new Promise<void>((resolve) => meet = resolve);
      if (next.after === undefined) begin();
      return met;
    },
    async mend() {
      order = undefined;
      isDue = false;
      await front.mend();
    },
    close: () => front.close(),
  };
}

function parseRequest(text: string, origin: string): Request {
  const end = text.indexOf("\r\n\r\n");
  const [start = "", ...lines] = text.slice(0, end).split("\r\n");
  const [method = "GET", target = "/"] = start.split(" ");
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
  const body = method === "GET" ? null : Buffer.from(text.slice(end + 4), "latin1");
  return new Request(new URL(target, origin), { method, headers, body });
}
