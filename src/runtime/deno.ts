import { webRandomBytes } from "../core/encoding.ts";
import { fetchTransport, type HttpRequest, type HttpResponse } from "../core/http.ts";
import type { DenoApi, DenoHttpClient } from "./deno/api.ts";
import { files, isPermitted } from "./deno/files.ts";
import { deferInterrupts, onInterrupt } from "./deno/interrupt.ts";
import { terminal } from "./deno/terminal.ts";
import { BOOT_ID_FILE, hostIdentity, NETWORK_FILE } from "./host_identity.ts";
import type { KeptConnection, Platform, Runtime } from "./runtime.ts";

declare const Deno: DenoApi;

const PLATFORMS: Record<string, Platform> = { linux: "linux", darwin: "darwin", windows: "windows" };
/** Joined files also hold this adapter on other runtimes, where there is no `Deno`. */
const platform = PLATFORMS[(globalThis as unknown as { Deno?: DenoApi }).Deno?.build.os ?? ""] ?? "other";

/** The adapter for Deno. Whatever reading a stored token does not need is loaded when used. */
export const denoRuntime: Runtime = {
  name: "deno",
  platform,
  now: () => Date.now(),
  randomBytes: webRandomBytes,
  env,
  args: () => Deno.args,
  exit: (code) => Deno.exit(code),
  hostIdentity: () =>
    mayIdentifyHost()
      ? hostIdentity({
        platform,
        hostName: Deno.hostname,
        readText: Deno.readTextFileSync,
        readLink: Deno.readLinkSync,
      })
      : null,
  homeDirectory: () => env(platform === "windows" ? "USERPROFILE" : "HOME"),
  exists,
  fetch: (input, init) => globalThis.fetch(input, init),
  transport,
  keepConnection: () => Promise.resolve(keepConnection()),
  usesProxyVariables: () => true,
  serveLoopback: async (handler, options) =>
    (await import("./deno/serve.ts")).serveLoopback(handler, options),
  tcp: {
    listen: async (onConnection) => (await import("./deno/tcp.ts")).listen(onConnection),
    connect: async (port, signal) => (await import("./deno/tcp.ts")).connect(port, signal),
  },
  programs: {
    run: async (command, args, options) => (await import("./deno/programs.ts")).run(command, args, options),
    launch: async (command, args) => (await import("./deno/programs.ts")).launch(command, args),
  },
  files,
  keyring: {
    load: async () => (await import("./deno/keyring.ts")).keyring.load(),
    scriptCommand: async (script) => (await import("./deno/keyring.ts")).keyring.scriptCommand(script),
  },
  connectLocal: async (path) => (await import("./deno/tcp.ts")).connectLocal(path),
  terminal,
  onInterrupt,
  deferInterrupts,
};

function env(name: string): string | undefined {
  if (isPermitted({ name: "env", variable: name })) return Deno.env.get(name) || undefined;
  return name === "NO_COLOR" && Deno.noColor ? "1" : undefined; // Needs no permission.
}

function exists(path: string): boolean {
  if (!isPermitted({ name: "read", path })) return false;
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false; // Nothing is there, or it is out of reach.
  }
}

/** Whether everything that identifies the host may be read. */
function mayIdentifyHost(): boolean {
  const files = platform === "linux" ? [BOOT_ID_FILE, NETWORK_FILE] : [];
  return isPermitted({ name: "sys", kind: "hostname" }) &&
    files.every((path) => isPermitted({ name: "read", path }));
}

/** Opens a new connection for each request. */
async function transport(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
  const connection = keepConnection();
  try {
    return await connection.transport(request, signal);
  } finally {
    connection.close(); // A body that is still being read keeps its own connection.
  }
}

/**
 * Deno's `fetch`, with a new client for each POST: if a reused connection drops, Deno repeats the POST, and a refresh
 * token sent twice ends the session. Deno does the same over HTTP/2, so that is disabled.
 */
function keepConnection(): KeptConnection {
  let client: DenoHttpClient | undefined;
  const close = () => {
    client?.close();
    client = undefined;
  };
  return {
    transport(request, signal) {
      if (client === undefined || request.method !== "GET") {
        close();
        client = Deno.createHttpClient({ poolMaxIdlePerHost: 1, http2: false });
      }
      return fetchTransport(fetch, { client } as RequestInit)(request, signal);
    },
    close,
  };
}
