import type { LocalSocket } from "../local_socket.ts";
import type { TcpConnection, TcpListener } from "../runtime.ts";
import type { DenoApi, DenoConnection } from "./api.ts";
import { addPosixCode, isPermitted, requirePermission, withPosixCode } from "./files.ts";

declare const Deno: DenoApi;

const HOST = "127.0.0.1";

/** Pause after a connection could not be accepted. */
const RETRY_MS = 50;

// deno-lint-ignore require-await -- what `Deno.listen` throws must be a rejection
export async function listen(onConnection: (connection: TcpConnection) => void): Promise<TcpListener> {
  requirePermission({ name: "net", host: HOST });
  const listener = withPosixCode(() => Deno.listen({ hostname: HOST, port: 0 }));
  listener.unref();
  const connections = new Set<TcpConnection>();
  let isOpen = true;
  let endPause = () => {};
  /** Does not keep the process alive. */
  const pause = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, RETRY_MS);
      Deno.unrefTimer(timer);
      endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const accept = async () => {
    while (isOpen) {
      const accepted = await listener.accept().catch(() => undefined);
      if (accepted === undefined) {
        if (isOpen) await pause(); // Perhaps out of file descriptors. The connection waits to be accepted.
        continue;
      }
      accepted.unref();
      const connection = toConnection(accepted);
      if (!isOpen) return connection.close(); // Accepted while the listener was closing.
      connections.add(connection);
      onConnection(connection);
    }
  };
  const accepting = accept();
  const close = async () => {
    isOpen = false;
    listener.ref(); // Otherwise the process may end before the listener does.
    listener.close();
    endPause();
    for (const connection of connections) connection.close();
    await accepting;
  };
  return { port: listener.addr.port, close };
}

export async function connect(port: number, signal: AbortSignal): Promise<TcpConnection> {
  signal.throwIfAborted();
  requirePermission({ name: "net", host: `${HOST}:${port}` });
  try {
    return toConnection(await Deno.connect({ hostname: HOST, port, signal }));
  } catch (error) {
    signal.throwIfAborted();
    throw addPosixCode(error);
  }
}

function toConnection(connection: DenoConnection): TcpConnection {
  const decoder = new TextDecoder();
  let isOpen = true;
  return {
    async read() {
      const bytes = new Uint8Array(4096);
      const length = await connection.read(bytes).catch(() => null);
      return length === null ? null : decoder.decode(bytes.subarray(0, length), { stream: true });
    },
    async write(text) {
      const bytes = new TextEncoder().encode(text);
      for (let written = 0; written < bytes.length;) {
        written += await connection.write(bytes.subarray(written));
      }
    },
    close() {
      if (!isOpen) return;
      isOpen = false;
      connection.close();
    },
  };
}

/** Connects to a socket, which takes three permissions, and must not prompt for them. */
export async function connectLocal(path: string): Promise<LocalSocket> {
  const isAllowed = isPermitted({ name: "read", path }) && isPermitted({ name: "write", path }) &&
    isPermitted({ name: "net", host: `unix:${path}` });
  if (!isAllowed) throw Object.assign(new Error(`Not permitted to connect to ${path}`), { code: "EACCES" });
  const connection = await Deno.connect({ transport: "unix", path });
  const buffer = new Uint8Array(4096);
  return {
    async write(bytes) {
      for (let written = 0; written < bytes.length;) {
        written += await connection.write(bytes.subarray(written));
      }
    },
    async read() {
      const length = await connection.read(buffer);
      return length === null ? null : buffer.slice(0, length);
    },
    close: () => connection.close(),
  };
}
