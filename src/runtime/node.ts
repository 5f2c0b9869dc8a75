import { hostIdentity } from "./host_identity.ts";
import { builtin, process } from "./node/builtins.ts";
import { files } from "./node/files.ts";
import { deferInterrupts, onInterrupt } from "./node/interrupt.ts";
import { keyring } from "./node/keyring.ts";
import { connectLocal } from "./node/local_socket.ts";
import { terminal } from "./node/terminal.ts";
import type { Platform, Runtime } from "./runtime.ts";

const PLATFORMS: Record<string, Platform> = { linux: "linux", darwin: "darwin", win32: "windows" };
const platform = PLATFORMS[process.platform] ?? "other";

interface OperatingSystem {
  homedir(): string;
  hostname(): string;
}

interface Crypto {
  randomBytes(length: number): Uint8Array;
}

interface FileSystem {
  existsSync(path: string): boolean;
  readFileSync(path: string, encoding: "utf8"): string;
  readlinkSync(path: string): string;
}

interface Http {
  globalAgent: { options: { proxyEnv?: unknown } };
}

/** The adapter for Node. Whatever reading a stored token does not need is loaded when used. */
export const nodeRuntime: Runtime = {
  name: "node",
  platform,
  now: () => Date.now(),
  randomBytes: (length) => builtin<Crypto>("node:crypto").randomBytes(length),
  env: (name) => process.env[name] || undefined,
  args: () => process.argv.slice(2),
  exit: (code) => process.exit(code),
  homeDirectory,
  hostIdentity: () => hostIdentity({ platform, hostName, readText, readLink }),
  exists: (path) => builtin<FileSystem>("node:fs").existsSync(path),
  fetch: (input, init) => globalThis.fetch(input, init),
  transport: async (request, signal) => (await import("./node/transport.ts")).transport(request, signal),
  keepConnection: async () => (await import("./node/transport.ts")).keepConnection(),
  usesProxyVariables: () => builtin<Http>("node:http").globalAgent.options.proxyEnv !== undefined,
  serveLoopback: async (handler, options) =>
    (await import("./node/serve.ts")).serveLoopback(handler, options),
  tcp: {
    listen: async (onConnection) => (await import("./node/tcp.ts")).listen(onConnection),
    connect: async (port, signal) => (await import("./node/tcp.ts")).connect(port, signal),
  },
  programs: {
    run: async (...how) => (await import("./node/programs.ts")).programs.run(...how),
    launch: async (...how) => (await import("./node/programs.ts")).programs.launch(...how),
  },
  files,
  keyring,
  connectLocal,
  terminal,
  onInterrupt,
  deferInterrupts,
};

function homeDirectory(): string | undefined {
  return builtin<OperatingSystem>("node:os").homedir() || undefined;
}

function hostName(): string {
  return builtin<OperatingSystem>("node:os").hostname();
}

function readText(path: string): string {
  return builtin<FileSystem>("node:fs").readFileSync(path, "utf8");
}

function readLink(path: string): string {
  return builtin<FileSystem>("node:fs").readlinkSync(path);
}
