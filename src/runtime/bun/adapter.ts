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

/** {@linkcode Keyring} in Bun. `bun build --compile` includes the binding because of the import in it. */
const keyring: Keyring = {
  load: () => loadUninfluenced(variables, load),
  scriptCommand: (script) => scriptCommand(script, { program: /^bun/ }),
};

const programs: Programs = programsIn(trustedEnvironment);

/**
 * Bun's `fetch`, protected from dotenv files in a stranger's directory: they cannot switch off certificate checks, name
 * a proxy, or have requests printed with their credentials. The real environment still controls the first two.
 */
const safeFetch = (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
  const tls = { rejectUnauthorized: env("NODE_TLS_REJECT_UNAUTHORIZED") !== "0" };
  const direct = ["http_proxy", "https_proxy"].every(isTrusted) ? {} : { proxy: false };
  const safe: object = { tls, verbose: false, ...direct };
  return fetch(input, { ...safe, ...init });
};

/** A {@linkcode Transport} without keep-alive: a request on a reused connection may be sent twice. */
const transport: Transport = fetchTransport(safeFetch, { keepalive: false });

/** Returns the adapter for Bun, for a program that was started in `directory`. */
export function bunRuntimeOf(directory: string): Runtime {
  startedIn(directory);
  return bunRuntime;
}

const bunRuntime: Runtime = {
  ...nodeRuntime,
  name: "bun",
  randomBytes: webRandomBytes,
  env,
  fetch: safeFetch,
  transport,
  keepConnection: () => Promise.resolve({ transport, close() {} }),
  usesProxyVariables: () => ["http_proxy", "https_proxy"].every(isTrusted),
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
 * On the way to a stored token `node:fs` takes three times as long. But this keeps the file open for longer, and
 * Windows cannot replace an open file.
 */
function readText(path: string): Promise<string | null> {
  return unlessAbsent(() => Bun.file(path).text(), null);
}

const resolvedDirectories = new Set<string>();

/**
 * Also on the way to a stored token: Bun's resolver tells whether a path involves no link. As it is made for modules,
 * which can have other names, and caches directories, only its first answer in a directory counts, and only if it is
 * the path itself. `node:fs` gives all others.
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

/** `node:net` takes ten times as long to load. */
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
    // Small enough to be sent at once.
    write: (bytes) => Promise.resolve(void socket.write(bytes)),
    read: () => inbox.take(),
    close: () => socket.end(),
  };
}
