import type { LocalSocket } from "../local_socket.ts";
import { builtin } from "./builtins.ts";

interface Socket {
  on(event: "connect" | "end" | "close", listener: () => void): void;
  on(event: "data", listener: (bytes: Uint8Array) => void): void;
  on(event: "error", listener: (error: Error) => void): void;
  write(bytes: Uint8Array): void;
  destroy(): void;
}

/** Connects with `node:net`. */
export function connectLocal(path: string): Promise<LocalSocket> {
  return new Promise((resolve, reject) => {
    const socket = builtin<{ connect(path: string): Socket }>("node:net").connect(path);
    const received: (Uint8Array | null)[] = [];
    let wake = () => {};
    const receive = (bytes: Uint8Array | null) => {
      received.push(bytes);
      wake();
    };
    socket.on("data", receive);
    socket.on("close", () => receive(null));
    socket.on("error", reject); // After the connection is made, the closing says it.
    socket.on("connect", () =>
      resolve({
        write: (bytes) => Promise.resolve(socket.write(bytes)).then(() => {}),
        async read() {
          while (received.length === 0) await new Promise<void>((resolve) => wake = resolve);
          return received.shift() ?? null;
        },
        close: () => socket.destroy(),
      }));
  });
}
