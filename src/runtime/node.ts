import { builtin, process } from "./node/builtins.ts";
import { files } from "./node/files.ts";
import { deferInterrupts, onInterrupt } from "./node/interrupt.ts";
import { terminal } from "./node/terminal.ts";
import type { Platform, Runtime } from "./runtime.ts";

const PLATFORMS: Record<string, Platform> = { linux: "linux", darwin: "darwin", win32: "windows" };

/** The adapter for Node. What the way to a stored token does not need is loaded when it is used. */
export const nodeRuntime: Runtime = {
  name: "node",
  platform: PLATFORMS[process.platform] ?? "other",
  now: () => Date.now(),
  env: (name) => process.env[name] || undefined,
  homeFolder,
  transport: async (request, signal) => (await import("./node/transport.ts")).transport(request, signal),
  serveLoopback: async (handler, options) =>
    (await import("./node/serve.ts")).serveLoopback(handler, options),
  programs: {
    run: async (command, args, options) => (await import("./node/programs.ts")).run(command, args, options),
    launch: async (command, args) => (await import("./node/programs.ts")).launch(command, args),
  },
  files,
  terminal,
  onInterrupt,
  deferInterrupts,
};

function homeFolder(): string | undefined {
  return builtin<{ homedir(): string }>("node:os").homedir() || undefined;
}
