import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { readWholeRequests } from "../../harness/whole_requests.ts";
import { type Certificates, type Front, openFront } from "./front.ts";
import { type Play, sendTruly } from "./raw_answer.ts";

/** What is to go wrong, until it is mended. */
export interface FaultOrder {
  /** The path whose requests fail. */
  path: string;
  /** What becomes of them; what befalls the connection befalls every later one. */
  fault: Play | "refused" | "distrusted";
  /** The request whose answer comes before; what goes wrong does so from then on. */
  after?: ((path: string, answer: Response) => boolean) | undefined;
}

/** A server whose answers come, byte for byte, as a test says. */
export interface FaultServer {
  readonly origin: string;
  /** The paths that were asked for. */
  readonly paths: readonly string[];
  /** Orders a fault, in force when this returns its promise, which resolves when the fault has been met. */
  fail(order: FaultOrder): Promise<void>;
  /** From now on all goes well. */
  mend(): Promise<void>;
  close(): void;
}

/** Starts a server that answers as `handler` does, but for what goes wrong; with certificates by TLS. */
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

  /** What befalls the connection must be so before the next one is opened. */
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
