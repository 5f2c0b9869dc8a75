import { Buffer } from "node:buffer";
import type { Socket } from "node:net";

/** Responds to a request: `answer` lets it take effect, and returns the real response. */
export type Play = (socket: Socket, answer: () => Promise<Response>) => void | Promise<void>;

/** Sends a response properly. */
export const sendTruly: Play = async (socket, answer) => {
  const response = await answer();
  const body = Buffer.from(await response.arrayBuffer());
  const headers = [...response.headers].filter(([name]) => name !== "content-length");
  socket.write(head(response.status, [...headers, ["content-length", `${body.byteLength}`]]));
  socket.end(body);
};

/** Sends a response made up by the test, complete. */
export function sendWhole(socket: Socket, { status, type, body, headers = [] }: WholeAnswer): void {
  const length = `${Buffer.byteLength(body)}`;
  socket.end(`${head(status, [["content-type", type], ["content-length", length], ...headers])}${body}`);
}

/** A complete response. */
export interface WholeAnswer {
  status: number;
  type: string;
  body: string;
  headers?: [name: string, value: string][];
}

/** The status line and the headers, up to the empty line. */
export function head(status: number, headers: [name: string, value: string][]): string {
  const lines = [...headers, ["connection", "close"]].map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} Status\r\n${lines.join("")}\r\n`;
}
