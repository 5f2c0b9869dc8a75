import { createServer, type Socket } from "node:net";

/** What a raw server does with each connection, once a whole request has come. */
export type Behaviour = (socket: Socket, request: string) => void;

/** A server that speaks only as it is told. */
export interface RawServer {
  url: string;
  /** The requests that came, byte for byte. */
  readonly requests: string[];
  /** How many connections came. */
  readonly connectionCount: number;
  /** Resolves when every connection that came has ended. */
  allEnded(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a server that counts requests and leaves the answer to `behaviour`. */
export async function startRawServer(behaviour: Behaviour): Promise<RawServer> {
  const requests: string[] = [];
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    let text = "";
    socket.setEncoding("latin1").on("error", () => {}).on("data", (chunk) => {
      text += chunk;
      if (!isWhole(text)) return;
      requests.push(text);
      const request = text;
      text = "";
      behaviour(socket, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}/`,
    requests,
    get connectionCount() {
      return sockets.length;
    },
    async allEnded() {
      await Promise.all(sockets.map((socket) => {
        if (!socket.destroyed) return new Promise((resolve) => socket.once("close", resolve));
      }));
    },
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function isWhole(text: string): boolean {
  const end = text.indexOf("\r\n\r\n");
  if (end === -1) return false;
  const length = Number(/\r\ncontent-length: *(\d+)/i.exec(text)?.[1] ?? 0);
  return text.length >= end + 4 + length;
}
