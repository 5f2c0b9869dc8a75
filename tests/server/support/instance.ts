import { serveOrigin } from "./routed_fetch.ts";
import type { ClerkClientConfig } from "@clerk/cli-auth/server";
import { createEmulator, type Emulator, type EmulatorEndpoint } from "@clerk/cli-auth/testing";

/** An emulated Clerk instance that the real `@clerk/backend` talks to. */
export interface Instance {
  emulator: Emulator;
  /** The options of `createClerkClient` for it. */
  clientConfig: ClerkClientConfig & { secretKey: string; apiUrl: string };
  /** How often the Backend API was called, or an endpoint of it. */
  calls(endpoint?: EmulatorEndpoint): number;
  /** A client of `@clerk/backend`. */
  createClient(): Promise<RealClient>;
}

/** What `createClerkClient` of `@clerk/backend` returns. */
export type RealClient = ReturnType<typeof import("@clerk/backend").createClerkClient>;

/** Starts an instance, on a clock of the test's own if there is one. */
export function startInstance(options: { now?: () => number } = {}): Instance {
  const emulator = createEmulator(options);
  const { secretKey } = emulator;
  const clientConfig = { secretKey, apiUrl: serveOrigin(emulator.fetch), telemetry: { disabled: true } };
  return {
    emulator,
    clientConfig,
    calls: (endpoint) =>
      emulator.requests.filter((request) => endpoint === undefined || request.endpoint === endpoint).length,
    createClient: async () => (await import("@clerk/backend")).createClerkClient(clientConfig),
  };
}
