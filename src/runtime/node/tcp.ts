import type { TcpConnection, TcpListener } from "../runtime.ts";
import { builtin } from "./builtins.ts";

interface Socket extends AsyncIterable<string> {
  setEncoding(encoding: "utf8"): void;
  on(event: "error", listener: (error: Error) => void): void;
  once(event: "connect" | "close", listener: () => void): void;
  write(text: string, done: (error?: Error | null) => void): void;
  unref(): void;
  destroy(): void;
}

interface Server {
  listen(port: number, hostname: string): void;
  address(): { port: number };
  once(event: "listening", listener: () => void): void;
  on(event: "error", listener: (error: Error) => void): void;
  unref(): void;
  close(listener: () => void): void;
}

interface Net {
  createServer(listener: (socket: Socket) => void): Server;
  connect(port: number, hostname: string): Socket;
}

const HOST = "127.0.0.1";

export async function listen(onConnection: (connection: TcpConnection) => void): Promise<TcpListener> {
  const sockets = new Set<Socket>();
  const server = builtin<Net>("node:net").createServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.unref();
    onConnection(toConnection(socket));
  });
  server.unref();
  await new Promise<void>((resolve, reject) => {
    server.once("listening", resolve);
    server.on("error", reject); // Later errors are about connections that could not be accepted. Others can.
    server.listen(0, HOST);
  });
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  return { port: server.address().port, close };
}

export function connect(port: number, signal: AbortSignal): Promise<TcpConnection> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const socket = builtin<Net>("node:net").connect(port, HOST);
    const stop = () => {
      socket.destroy();
      reject(signal.reason);
    };
    signal.addEventListener("abort", stop, { once: true });
    socket.on("error", reject);
    socket.once("close", () => signal.removeEventListener("abort", stop));
    socket.once("connect", () => {
      signal.removeEventListener("abort", stop);
      resolve(toConnection(socket));
    });
  });
}

function toConnection(socket: Socket): TcpConnection {
  socket.setEncoding("utf8");
  socket.on("error", () => {}); // Reading reports the end of the connection.
  const texts = socket[Symbol.asyncIterator]();
  return {
    async read() {
      const next = await texts.next().catch(() => undefined);
      return next === undefined || next.done ? null : next.value;
    },
    write: (text) =>
      new Promise((resolve, reject) => socket.write(text, (error) => error ? reject(error) : resolve())),
    close: () => socket.destroy(),
  };
}
