import { Deno } from "./deno/api.ts";
import { files } from "./deno/files.ts";
import { deferInterrupts, onInterrupt } from "./deno/interrupt.ts";
import { terminal } from "./deno/terminal.ts";
import { isPermitted } from "./deno/permission.ts";
import type { Platform, Runtime } from "./runtime.ts";

const PLATFORMS: Record<string, Platform> = { linux: "linux", darwin: "darwin", windows: "windows" };
const platform = PLATFORMS[Deno.build.os] ?? "other";

/** The adapter for Deno. What the way to a stored token does not need is loaded when it is used. */
export const denoRuntime: Runtime = {
  name: "deno",
  platform,
  now: () => Date.now(),
  env,
  homeFolder: () => env(platform === "windows" ? "USERPROFILE" : "HOME"),
  transport: async (request, signal) => (await import("./deno/transport.ts")).transport(request, signal),
  serveLoopback: async (handler, options) =>
    (await import("./deno/serve.ts")).serveLoopback(handler, options),
  programs: {
    run: async (command, args, options) => (await import("./deno/programs.ts")).run(command, args, options),
    launch: async (command, args) => (await import("./deno/programs.ts")).launch(command, args),
  },
  files,
  terminal,
  onInterrupt,
  deferInterrupts,
};

function env(name: string): string | undefined {
  return isPermitted({ name: "env", variable: name }) ? Deno.env.get(name) || undefined : undefined;
}
