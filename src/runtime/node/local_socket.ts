import { Inbox, type LocalSocket } from "../local_socket.ts";
import { builtin } from "./builtins.ts";

interface Socket {
  on(event: "connect" | "close", listener: () => void): void;
  on(event: "data", listener: (bytes: Uint8Array) => void): void;
  on(event: "error", listener: (error: Error) => void): void;
  write(bytes: Uint8Array, done: (error?: Error | null) => void): void;
  destroy(): void;
}

export function connectLocal(path: string): Promise<LocalSocket> {
  const socket = builtin<{ connect(path: string): Socket }>("node:net").connect(path);
  const inbox = new Inbox();
  socket.on("data", (bytes) => inbox.put(bytes));
  socket.on("close", () => inbox.put(null));
  const connection: LocalSocket = {
    write: (bytes) =>
      new Promise((resolve, reject) => {
        socket.write(bytes, (error) => error ? reject(error) : resolve());
      }),
    read: () => inbox.take(),
    close: () => socket.destroy(),
  };
  return new Promise((resolve, reject) => {
    socket.on("connect", () => resolve(connection));
    socket.on("error", reject); // Later errors show as the end of the connection.
  });
}
