import type { Emulator } from "@clerk/cli-auth/testing";
import type { AuthEvent, ClerkCliAuthConfig } from "@clerk/cli-auth";
import { type ClientContext, openContext, resolveConfig } from "../../doors/client.ts";
import { createFakeKeyring, type FakeKeyring } from "../../harness/fake_keyring.ts";
import { createFakeRuntime } from "../../harness/fake_runtime.ts";

/** The issuer of contexts whose requests go straight to an emulator. */
export const ISSUER = "http://127.0.0.1";

export interface LocalContextOptions {
  emulator: Emulator;
  /** The configuration directory. */
  folder: string;
  storage: "keychain" | "file" | "memory";
  /** @default an empty one */
  keyring?: FakeKeyring;
  /** Receives events. @default nobody */
  events?: AuthEvent[];
  config?: Partial<ClerkCliAuthConfig>;
}

/** Creates the context of another process, without a network. Its keychain never prompts. */
export async function createLocalContext(
  { emulator, folder, storage, keyring = createFakeKeyring(), events, config = {} }: LocalContextOptions,
): Promise<ClientContext> {
  const resolved = resolveConfig({
    clientId: emulator.application.clientId,
    issuer: ISSUER,
    storage,
    fetch: (input, init) => emulator.fetch(new Request(input, init)),
    onEvent: (event) => events?.push(event),
    ...config,
  });
  const env = { LOCALAPPDATA: folder };
  const runtime = await createFakeRuntime({ platform: "windows", env, parts: { keyring } });
  return await openContext(resolved, runtime);
}
