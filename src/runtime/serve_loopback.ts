import { requireRuntime } from "./detect.ts";
import type { LoopbackHandler, LoopbackServer } from "./runtime.ts";

/**
 * Listens on 127.0.0.1 as the adapter of this runtime does, without the rest of the adapter.
 *
 * @throws {ClerkCliAuthError} `config` where no adapter fits.
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
