import process from "node:process";
import type { ClerkClientConfig } from "@clerk/cli-auth/server";
import { createEmulator, type Emulator } from "@clerk/cli-auth/testing";

/** A Clerk instance that tests may fill: a true one, or the emulator. */
export interface ClerkInstance {
  /** What `createClerkClient` takes for it. */
  clientConfig: ClerkClientConfig & { secretKey: string };
  /** The emulator, when it is that. */
  emulator: Emulator | undefined;
  close(): Promise<void>;
}

/**
 * Opens the instance that `deno task test:live` is pointed at by CLERK_SECRET_KEY and CLERK_PUBLISHABLE_KEY; without that
 * task, or without the keys, the emulator.
 *
 * @throws {Error} For the keys of a production instance.
 */
export async function openClerkInstance(): Promise<ClerkInstance> {
  const { CLI_AUTH_TEST_LIVE, CLERK_SECRET_KEY, CLERK_PUBLISHABLE_KEY, CLERK_API_URL } = process.env;
  if (!CLI_AUTH_TEST_LIVE || !CLERK_SECRET_KEY || !CLERK_PUBLISHABLE_KEY) return await openEmulator();
  if (CLERK_SECRET_KEY.startsWith("sk_live_")) {
    throw new Error("Cannot run the live tests on a production instance: they create and remove users");
  }
  const apiUrl = CLERK_API_URL ? { apiUrl: CLERK_API_URL } : {};
  return {
    clientConfig: { secretKey: CLERK_SECRET_KEY, publishableKey: CLERK_PUBLISHABLE_KEY, ...apiUrl },
    emulator: undefined,
    close: () => Promise.resolve(),
  };
}

async function openEmulator(): Promise<ClerkInstance> {
  const emulator = createEmulator();
  const { url, close } = await emulator.listen();
  const { secretKey } = emulator;
  return { clientConfig: { secretKey, apiUrl: url, telemetry: { disabled: true } }, emulator, close };
}
