import type { LocalSocket } from "../local_socket.ts";
import { builtin } from "./builtins.ts";

interface Socket {
  on(event: "connect" | "close", listener: () => void): void;
  on(event: "data", listener: (bytes: Uint8Array) => void): void;
  on(event: "error", listener: (error: Error) => void): void;
  write(bytes: Uint8Array, done: (error?: Error | null) => void): void;
  destroy(): void;
}

/** Connects with `node:net`. */
export function connectLocal(path: string): Promise<LocalSocket> {
  const socket = builtin<{ connect(path: string): Socket }>("node:net").connect(path);
  const received: (Uint8Array | null)[] = [];
  let wake = () => {};
  const receive = (bytes: Uint8Array | null) => {
    received.push(bytes);
    wake();
  };
  socket.on("data", receive);
  socket.on("close", () => receive(null));
  const connection: LocalSocket = {
    write: (bytes) =>
      new Promise((resolve, reject) => {
        socket.write(bytes, (error) => error ? reject(error) : resolve());
      }),
    async read() {
      while (received.length === 0) await new Promise<void>((resolve) => wake = resolve);
      return received.shift() ?? null;
    },
    close: () => socket.destroy(),
  };
  return new Promise((resolve, reject) => {
    socket.on("connect", () => resolve(connection));
    socket.on("error", reject); // Later on the end of the connection says it.
  });
}
