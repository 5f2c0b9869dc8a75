import { webRandomBytes } from "../core/encoding.ts";
import { type DenoApi, isPermitted, requirePermission } from "./deno/api.ts";
import { files } from "./deno/files.ts";
import { deferInterrupts, onInterrupt } from "./deno/interrupt.ts";
import { terminal } from "./deno/terminal.ts";
import { hostIdentity } from "./host_identity.ts";
import type { Platform, Runtime } from "./runtime.ts";

declare const Deno: DenoApi;

const PLATFORMS: Record<string, Platform> = { linux: "linux", darwin: "darwin", windows: "windows" };
/** Joined files hold this adapter on other runtimes, too, where there is no `Deno`. */
const platform = PLATFORMS[(globalThis as unknown as { Deno?: DenoApi }).Deno?.build.os ?? ""] ?? "other";

/** The adapter for Deno. Whatever is not needed to read a stored token is loaded when it is used. */
export const denoRuntime: Runtime = {
  name: "deno",
  platform,
  now: () => Date.now(),
  randomBytes: webRandomBytes,
  env,
  args: () => Deno.args,
  exit: (code) => Deno.exit(code),
  hostIdentity: () => hostIdentity({ platform, hostName, readText, readLink }),
  homeDirectory: () => env(platform === "windows" ? "USERPROFILE" : "HOME"),
  exists,
  fetch: (input, init) => globalThis.fetch(input, init),
  transport: async (request, signal) => (await import("./deno/transport.ts")).transport(request, signal),
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
  return name === "NO_COLOR" && Deno.noColor ? "1" : undefined; // This needs no permission.
}

function exists(path: string): boolean {
  if (!isPermitted({ name: "read", path })) return false;
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false; // There is nothing, or it is out of reach.
  }
}

function hostName(): string {
  requirePermission({ name: "sys", kind: "hostname" });
  return Deno.hostname();
}

function readText(path: string): string {
  requirePermission({ name: "read", path });
  return Deno.readTextFileSync(path);
}

function readLink(path: string): string {
  requirePermission({ name: "read", path });
  return Deno.readLinkSync(path);
}
