import { Bun } from "./bun/api.ts";
import { env } from "./bun/env.ts";
import { keyring } from "./bun/keyring.ts";
import { connectLocal } from "./bun/local_socket.ts";
import { nodeRuntime } from "./node.ts";
import type { Runtime } from "./runtime.ts";
import { unlessAbsent } from "./unless_absent.ts";

/** The adapter for Bun: Node's, and Bun's own where that is better. */
export const bunRuntime: Runtime = {
  ...nodeRuntime,
  name: "bun",
  env,
  transport: async (request, signal) => (await import("./bun/transport.ts")).transport(request, signal),
  serveLoopback: async (handler, options) => (await import("./bun/serve.ts")).serveLoopback(handler, options),
  files: { ...nodeRuntime.files, readText, realPath },
  keyring,
  connectLocal,
};

/** The way to a stored token: `node:fs` takes Bun three times as long. */
function readText(path: string): Promise<string | null> {
  return unlessAbsent(() => Bun.file(path).text(), null);
}

/** The same: what is not a file, or was not there before, `node:fs` knows. */
async function realPath(path: string): Promise<string> {
  try {
    return Bun.resolveSync(path, "/");
  } catch {
    return await nodeRuntime.files.realPath(path);
  }
}
