import { requireRuntime } from "./detect.ts";
import type { Runtime } from "./runtime.ts";

let loading: Promise<Runtime> | undefined;

/**
 * Loads the adapter of the runtime that this is, once.
 *
 * @throws {ClerkCliAuthError} `config` where no adapter fits.
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
      return (await import("./bun.ts")).bunRuntime;
  }
}
