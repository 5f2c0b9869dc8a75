import { webRandomBytes } from "../core/random.ts";
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
  randomBytes: webRandomBytes,
  env,
  transport: async (request, signal) => (await import("./bun/transport.ts")).transport(request, signal),
  serveLoopback: async (handler, options) => (await import("./bun/serve.ts")).serveLoopback(handler, options),
  programs: {
    run: async (...how) => (await import("./bun/programs.ts")).programs.run(...how),
    launch: async (...how) => (await import("./bun/programs.ts")).programs.launch(...how),
  },
  files: { ...nodeRuntime.files, readText, realPath },
  keyring,
  connectLocal,
};

/** The way to a stored token: `node:fs` takes Bun three times as long. */
function readText(path: string): Promise<string | null> {
  return unlessAbsent(() => Bun.file(path).text(), null);
}

const resolvedFolders = new Set<string>();

/**
 * The same: Bun's resolver tells whether a file stands at the path itself, no link anywhere. It is made for modules,
 * which also have other names, and remembers folders: anything but this answer, and another one, `node:fs` gives.
 */
function realPath(path: string): Promise<string> {
  const folder = path.slice(0, Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")));
  const isNew = !resolvedFolders.has(folder);
  resolvedFolders.add(folder);
  return isNew && isResolvedTo(path) ? Promise.resolve(path) : nodeRuntime.files.realPath(path);
}

function isResolvedTo(path: string): boolean {
  try {
    return Bun.resolveSync(path, "/") === path;
  } catch {
    return false;
  }
}
