import { connect } from "node:net";

/** A response, parsed no further than needed. */
export interface RawAnswer {
  status: number;
  /** By lower-case name. */
  headers: Record<string, string>;
  body: string;
}

export interface RawRequest {
  port: number;
  method?: string;
  /** The request target, sent as it is: no client would send some of these. */
  target: string;
  /** `host` is right unless given; `null` omits it. */
  headers?: Record<string, string | null>;
  /** What follows the headers, sent as it is. */
  body?: string;
}

/** Sends a request byte for byte, and reads until the connection ends. */
export async function rawRequest(
  { port, method = "GET", target, headers = {}, body = "" }: RawRequest,
): Promise<RawAnswer> {
  const all = { host: `127.0.0.1:${port}`, connection: "close", ...headers };
  const lines = Object.entries(all).flatMap(([name, value]) => value === null ? [] : [`${name}: ${value}`]);
  const text = await converse(port, `${method} ${target} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n${body}`);
  return parseAnswer(text);
}

function converse(port: number, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(request));
    socket.setEncoding("utf8").on("data", (text) => answer += text);
    socket.on("error", reject);
    socket.on("close", () => resolve(answer));
  });
}

function parseAnswer(text: string): RawAnswer {
  const end = text.indexOf("\r\n\r\n");
  const [statusLine = "", ...lines] = text.slice(0, end).split("\r\n");
  const headers = Object.fromEntries(lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  }));
  const body = text.slice(end + 4);
  return {
    status: Number(statusLine.split(" ")[1]),
    headers,
    body: headers["transfer-encoding"] === "chunked" ? joinChunks(body) : body,
  };
}

function joinChunks(text: string): string {
  let rest = new TextEncoder().encode(text);
  let body = "";
  for (;;) {
    const end = rest.indexOf(0x0a) + 1;
    const length = parseInt(new TextDecoder().decode(rest.subarray(0, end)), 16);
    if (!length) return body;
    body += new TextDecoder().decode(rest.subarray(end, end + length));
    rest = rest.subarray(end + length + 2);
  }
}

/** Whether anyone listens on a port of 127.0.0.1. */
export function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}
