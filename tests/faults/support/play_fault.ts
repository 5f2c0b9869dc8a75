import type { Socket } from "node:net";
import type { NetworkFault } from "./fault_names.ts";
import { head, type Play, sendWhole } from "./raw_answer.ts";

/** How a faulty server behaves. */
export interface FaultStyle {
  /** The body of an error, as its kind of server sends it. */
  errorBody: unknown;
  /** Whether the request takes effect although its response is lost. */
  takesEffect?: boolean;
}

/** A fault of the response; those of the connection come earlier. */
export type AnswerFault = Exclude<NetworkFault, "connection refused" | "TLS error">;

const JSON_TYPE: [string, string] = ["content-type", "application/json"];

const DRIP_MS = 50;

/** The target of a redirect, which must never be requested. */
export const REDIRECT_TARGET = "/elsewhere";

const PAGE = "<!doctype html><title>Hotel</title><p>Welcome to our wireless network";

const BROKEN: Partial<Record<AnswerFault, (socket: Socket) => void>> = {
  "reset mid-headers": (socket) => writeThenReset(socket, "HTTP/1.1 200 OK\r\nContent-Ty"),
  "reset mid-body": (socket) =>
    writeThenReset(socket, `${head(200, [JSON_TYPE, ["content-length", "1000"]])}{"access_token":`),
  "stalled": () => {},
  "slow drip": (socket) => {
    socket.write(`${head(200, [JSON_TYPE, ["content-length", "100000"]])}{`);
    const timer = setInterval(() => socket.write(" "), DRIP_MS);
    socket.once("close", () => clearInterval(timer));
  },
  "wrong content type": (socket) => sendWhole(socket, { status: 200, type: "text/html", body: PAGE }),
  "huge body": (socket) =>
    sendWhole(socket, { status: 200, type: JSON_TYPE[1], body: `{"sub": "${"x".repeat(2 ** 21)}` }),
  "invalid JSON": (socket) =>
    sendWhole(socket, { status: 200, type: JSON_TYPE[1], body: '{"access_token": "oat_' }),
  "redirect": (socket) =>
    sendWhole(socket, {
      status: 307,
      type: "text/html",
      body: PAGE,
      headers: [["location", REDIRECT_TARGET]],
    }),
};

/** How a server plays a fault. */
export function playFault(fault: AnswerFault, { errorBody, takesEffect = false }: FaultStyle): Play {
  const send = BROKEN[fault] ?? ((socket: Socket) => sendStatus(socket, fault, errorBody));
  return async (socket, answer) => {
    if (takesEffect) await answer();
    send(socket);
  };
}

function sendStatus(socket: Socket, fault: AnswerFault, errorBody: unknown): void {
  const status = parseInt(fault);
  const hasBody = fault.endsWith("body");
  sendWhole(socket, {
    status,
    type: hasBody ? JSON_TYPE[1] : "text/html",
    body: hasBody ? JSON.stringify(errorBody) : PAGE,
  });
}

function writeThenReset(socket: Socket, text: string): void {
  socket.write(text, () => {
    // Not every socket can send a reset: what is then cut off ends too early all the same.
    if (typeof socket.resetAndDestroy === "function") socket.resetAndDestroy();
    else socket.destroy();
  });
}
