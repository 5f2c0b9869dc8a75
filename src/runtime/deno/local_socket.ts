import type { LocalSocket } from "../local_socket.ts";
import type { DenoApi } from "./api.ts";
import { isPermitted } from "./permission.ts";

declare const Deno: DenoApi;

/** Connects with `Deno.connect`, which needs three permissions for a socket; it must not prompt for them. */
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
