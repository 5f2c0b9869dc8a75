import { createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { commandOf, OWN_RUNTIME } from "../harness/program.ts";

/** A program that follows orders: tests/programs/runtime/guest.ts. */
export interface Guest {
  /** Gives an order, and waits until it is carried out. */
  tell(order: "say" | "read" | "multiply"): Promise<void>;
  exit(code: number): void;
  /** Resolves when its process has ended. */
  readonly ended: Promise<void>;
}

/** Gives orders to programs. */
export interface Host {
  /** The command that starts a guest, and its arguments. */
  readonly guest: [command: string, ...args: string[]];
  /** Waits for the next guest to connect. */
  next(): Promise<Guest>;
  /** Ends the remaining guests. */
  close(): Promise<void>;
}

/** Returns the command that starts the guest for a task. */
export function guestFor(...task: string[]): [command: string, ...args: string[]] {
  return [...commandOf("runtime/guest", { runtime: OWN_RUNTIME, permissions: ["-A"] }), ...task];
}

export async function startHost(): Promise<Host> {
  const come: Guest[] = [];
  const awaited: ((guest: Guest) => void)[] = [];
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket.on("error", () => {}));
    const guest = receive(socket);
    const welcome = awaited.shift();
    if (welcome) welcome(guest);
    else come.push(guest);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return {
    guest: guestFor("obey", String(port)),
    next: () => new Promise((resolve) => come.length > 0 ? resolve(come.shift()!) : awaited.push(resolve)),
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

function receive(socket: Socket): Guest {
  const lines = createInterface(socket)[Symbol.asyncIterator]();
  const here = lines.next();
  const ended = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  return {
    ended,
    async tell(order) {
      await here;
      socket.write(`${order}\n`);
      if ((await lines.next()).done) throw new Error(`The program ended when it was told to ${order}`);
    },
    exit: (code) => void socket.write(`exit ${code}\n`),
  };
}
