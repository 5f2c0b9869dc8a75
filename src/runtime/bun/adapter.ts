import { webRandomBytes } from "../../core/encoding.ts";
import { fetchTransport, type Transport } from "../../core/http.ts";
import { type Keyring, loadUninfluenced } from "../keyring.ts";
import { Inbox, type LocalSocket } from "../local_socket.ts";
import { nodeRuntime } from "../node.ts";
import { unlessAbsent } from "../node/files.ts";
import { load, scriptCommand, variables } from "../node/keyring.ts";
import { programsIn } from "../node/programs.ts";
import type { Programs, Runtime } from "../runtime.ts";
import { Bun } from "./api.ts";
import { env, isTrusted, startedIn, trustedEnvironment } from "./env.ts";

/** {@linkcode Keyring} in Bun. The import in it is what `bun build --compile` needs to take the binding along. */
const keyring: Keyring = {
  load: () => loadUninfluenced(variables, load),
  scriptCommand: (script) => scriptCommand(script, { program: /^bun/ }),
};

/** {@linkcode Programs} in Bun. */
const programs: Programs = programsIn(trustedEnvironment);

/**
 * Bun's `fetch`, out of reach of the dotenv files of a stranger's directory: none of them switches the check of
 * certificates off, names a proxy, or has requests printed with their credentials. A variable of the true environment
 * switches the first two, as everywhere.
 */
const safeFetch = (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
  const tls = { rejectUnauthorized: env("NODE_TLS_REJECT_UNAUTHORIZED") !== "0" };
  const direct = ["http_proxy", "https_proxy"].every(isTrusted) ? {} : { proxy: false };
  const safe: object = { tls, verbose: false, ...direct };
  return fetch(input, { ...safe, ...init });
};

/** A {@linkcode Transport} without keep-alive: a request on a reused connection may be sent twice. */
const transport: Transport = fetchTransport(safeFetch, { keepalive: false });

/** The adapter for Bun, for a program that was started in a directory. */
export function bunRuntimeOf(directory: string): Runtime {
  startedIn(directory);
  return bunRuntime;
}

/** Node's adapter, and Bun's own where that is better. */
const bunRuntime: Runtime = {
  ...nodeRuntime,
  name: "bun",
  randomBytes: webRandomBytes,
  env,
  fetch: safeFetch,
  transport,
  serveLoopback: async (handler, options) => (await import("./serve.ts")).serveLoopback(handler, options),
  tcp: {
    ...nodeRuntime.tcp,
    listen: async (onConnection) => (await import("./tcp.ts")).listen(onConnection),
  },
  programs,
  files: { ...nodeRuntime.files, ...nodeRuntime.platform !== "windows" && { readText }, realPath },
  keyring,
  connectLocal,
};

/**
 * The way to a stored token: `node:fs` takes Bun three times as long. It has the file open for longer, though, and Windows
 * replaces no file that is open.
 */
function readText(path: string): Promise<string | null> {
  return unlessAbsent(() => Bun.file(path).text(), null);
}

const resolvedDirectories = new Set<string>();

/**
 * The same: Bun's resolver tells whether there is a file at the path itself, without any link. It is made for modules,
 * which can have other names, and it remembers directories: only its first answer in a directory counts, and only if it
 * is this one. `node:fs` gives all others.
 */
function realPath(path: string): Promise<string> {
  const directory = path.slice(0, Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")));
  const isNew = !resolvedDirectories.has(directory);
  resolvedDirectories.add(directory);
  return isNew && isResolvedTo(path) ? Promise.resolve(path) : nodeRuntime.files.realPath(path);
}

function isResolvedTo(path: string): boolean {
  try {
    return Bun.resolveSync(path, "/") === path;
  } catch {
    return false;
  }
}

/** Connects with `Bun.connect`; `node:net` would take ten times as long to load. */
async function connectLocal(path: string): Promise<LocalSocket> {
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
    // What is written here is small enough to be sent at once.
    write: (bytes) => Promise.resolve(void socket.write(bytes)),
    read: () => inbox.take(),
    close: () => socket.end(),
  };
}
