import { Inbox } from "../local_socket.ts";
import type { TcpConnection, TcpListener } from "../runtime.ts";
import { Bun, type BunSocket } from "./api.ts";

/** Received on accepted connections. */
const inboxes = new WeakMap<BunSocket, Inbox>();

const end = (socket: BunSocket) => inboxes.get(socket)?.put(null);

/** Listens on a free port of 127.0.0.1. Loading `node:net` would take longer than a whole refresh. */
// deno-lint-ignore require-await -- what `Bun.listen` throws must be a rejection
export async function listen(onConnection: (connection: TcpConnection) => void): Promise<TcpListener> {
  const listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open(socket) {
        const inbox = new Inbox();
        inboxes.set(socket, inbox);
        socket.unref();
        onConnection(toConnection(socket, inbox));
      },
      data: (socket, bytes) => inboxes.get(socket)?.put(bytes.slice()),
      close: end,
      error: end,
    },
  });
  listener.unref();
  return {
    port: listener.port,
    close: () => Promise.resolve(listener.stop(true)),
  };
}

function toConnection(socket: BunSocket, inbox: Inbox): TcpConnection {
  const decoder = new TextDecoder();
  return {
    async read() {
      const bytes = await inbox.take();
      return bytes && decoder.decode(bytes, { stream: true });
    },
    // Small enough to be sent at once.
    write: (text) => Promise.resolve(void socket.write(new TextEncoder().encode(text))),
    close: () => socket.end(),
  };
}
