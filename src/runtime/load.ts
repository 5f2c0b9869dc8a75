import { ClerkCliAuthError } from "../core/errors.ts";
import type { LoopbackHandler, LoopbackServer, Runtime } from "./runtime.ts";

/** The runtimes that have an adapter. */
type RuntimeName = "deno" | "node" | "bun";

interface Globals {
  navigator?: { userAgent?: string };
  Deno?: unknown;
  process?: { versions?: { bun?: string; node?: string } };
}

/**
 * Tells which runtime this is; `undefined` if it is none of the three. `navigator` comes first because in Deno merely
 * reading `globalThis.process` costs 13 ms. A test environment may have replaced `navigator` with that of a browser, and
 * Node 20 has none: then the runtimes' own globals decide.
 */
export function detectRuntime(): RuntimeName | undefined {
  const globals = globalThis as unknown as Globals;
  const userAgent = globals.navigator?.userAgent ?? "";
  if (userAgent.startsWith("Deno/") || globals.Deno !== undefined) return "deno";
  if (userAgent.startsWith("Bun/")) return "bun";
  if (userAgent.startsWith("Node.js/")) return "node";

  const versions = globals.process?.versions;
  if (versions?.bun !== undefined) return "bun";
  return versions?.node === undefined ? undefined : "node";
}

/**
 * The same, if nothing can be done without one.
 *
 * @throws {ClerkCliAuthError} `config` if it is none of the three.
 */
function requireRuntime(): RuntimeName {
  const name = detectRuntime();
  if (name) return name;
  throw new ClerkCliAuthError("config", "Cannot run here as this is neither Deno, nor Node, nor Bun");
}

/**
 * The directory that the program was started in, if this is Bun, which has read its dotenv files there. The program may
 * have changed to another one by the time they matter. Only Bun is asked, as to read `process` costs Deno 13 ms.
 */
const startDirectory = "Bun" in globalThis
  ? (globalThis as unknown as { process: { cwd(): string } }).process.cwd()
  : undefined;

let loading: Promise<Runtime> | undefined;

/**
 * Loads the adapter of this runtime, once.
 *
 * @throws {ClerkCliAuthError} `config` if no adapter fits.
 */
export function loadRuntime(): Promise<Runtime> {
  return loading ??= load();
}

async function load(): Promise<Runtime> {
  switch (requireRuntime()) {
    case "deno":
      return (await import("./deno.ts")).denoRuntime;
    case "node":
      return (await import("./node.ts")).nodeRuntime;
    case "bun":
      return (await import("./bun/adapter.ts")).bunRuntimeOf(startDirectory!);
  }
}

/**
 * Listens on 127.0.0.1 like the adapter of this runtime, without the rest of the adapter.
 *
 * @throws {ClerkCliAuthError} `config` if no adapter fits.
 */
export async function serveLoopback(
  handler: LoopbackHandler,
  options: { port: number },
): Promise<LoopbackServer> {
  switch (requireRuntime()) {
    case "deno":
      return await (await import("./deno/serve.ts")).serveLoopback(handler, options);
    case "node":
      return await (await import("./node/serve.ts")).serveLoopback(handler, options);
    case "bun":
      return await (await import("./bun/serve.ts")).serveLoopback(handler, options);
  }
}
