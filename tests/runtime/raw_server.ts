import { createServer, type Socket } from "node:net";
import { readWholeRequests } from "../harness/whole_requests.ts";

/** What a raw server does with each connection, once it has a whole request. */
export type Behaviour = (socket: Socket, request: string) => void;

/** A server that sends only what it is told to. */
export interface RawServer {
  url: string;
  /** The requests received, byte for byte. */
  readonly requests: string[];
  readonly connectionCount: number;
  /** Resolves when every connection has ended. */
  allEnded(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a server that leaves the response to `behaviour`. */
export async function startRawServer(behaviour: Behaviour): Promise<RawServer> {
  const requests: string[] = [];
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    readWholeRequests(socket, (request) => {
      requests.push(request);
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
