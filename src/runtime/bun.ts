import { nodeRuntime } from "./node.ts";
import type { Runtime } from "./runtime.ts";

/** The adapter for Bun: Node's, and Bun's own where that is better. */
export const bunRuntime: Runtime = {
  ...nodeRuntime,
  name: "bun",
  transport: async (request, signal) => (await import("./bun/transport.ts")).transport(request, signal),
  serveLoopback: async (handler, options) => (await import("./bun/serve.ts")).serveLoopback(handler, options),
};
