import { Inbox, type LocalSocket } from "../local_socket.ts";
import { Bun } from "./api.ts";

/** Connects with `Bun.connect`; `node:net` would take ten times as long to load. */
export async function connectLocal(path: string): Promise<LocalSocket> {
  const inbox = new Inbox();
  const socket = await Bun.connect({
    unix: path,
    socket: {
      data: (_, bytes) => inbox.put(bytes.slice()),
      close: () => inbox.put(null),
      error: () => inbox.put(null),
    },
  });
  return {
    // What is written here is small enough to be taken at once.
    write: (bytes) => Promise.resolve(void socket.write(bytes)),
    read: () => inbox.take(),
    close: () => socket.end(),
  };
}
