import { ClerkCliAuthError } from "../core/errors.ts";
import type { LoopbackHandler, LoopbackServer, Runtime } from "./runtime.ts";

type RuntimeName = "deno" | "node" | "bun";

interface Globals {
  navigator?: { userAgent?: string };
  Deno?: unknown;
  process?: { versions?: { bun?: string; node?: string } };
}

/**
 * Returns which runtime this is; `undefined` if none of the three. `navigator` comes first because merely reading
 * `globalThis.process` costs Deno 13 ms. But test environments replace `navigator` with a browser's, and Node 20 has
 * none: then the runtimes' own globals decide.
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
 * Like `detectRuntime()`, but throws.
 *
 * @throws {ClerkCliAuthError} `config` if it is none of the three.
 */
function requireRuntime(): RuntimeName {
  const name = detectRuntime();
  if (name) return name;
  throw new ClerkCliAuthError("config", "Unsupported runtime: expected Deno, Node or Bun");
}

/**
 * The directory that Bun started in, whose dotenv files it read: the program may change to another one before they
 * matter. Only Bun is asked, as reading `process` costs Deno 13 ms.
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
 * Listens on 127.0.0.1 as this runtime's adapter does, without loading the rest of the adapter.
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
