import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ClerkCliAuth, type ClerkCliAuthConfig } from "@clerk/cli-auth";
import { createEmulator, createScriptedBrowser, type Emulator } from "@clerk/cli-auth/testing";
import { trueTime } from "../../harness/system_clock.ts";
import type { Certificates } from "./front.ts";
import { type FaultServer, startFaultServer } from "./fault_server.ts";
import { IDENTITY, type Step } from "./steps.ts";
import { CREDENTIALS, storedAccessToken, type StoredState, storedState } from "./stored_state.ts";

/** An issuer with a backend, one application, and what is stored for it. */
export interface World {
  readonly server: FaultServer;
  readonly config: ClerkCliAuthConfig;
  /** The application's directory. */
  readonly folder: string;
  stored(options?: { wasKilled?: boolean }): Promise<StoredState>;
  /** Whether the issuer accepts the stored access token. */
  isSignedIn(): Promise<boolean>;
  close(): void;
}

/** How to create a world. */
export interface WorldOptions {
  /** The directory of all applications' directories: `XDG_CONFIG_HOME`. */
  home: string;
  certificates?: Certificates | undefined;
}

let count = 0;

/** Creates a world in which a step can be taken. */
export async function makeWorld(step: Step, { home, certificates }: WorldOptions): Promise<World> {
  const emulator = createEmulator({
    behavior: { accessTokenFormat: "opaque", idTokenFormat: "opaque" },
    now: trueTime,
  });
  const application = emulator.createApplication({ clientId: `cli-${++count}` });
  const server = await startFaultServer((request) => answer(request, emulator), certificates);
  const { clientId } = application;
  const folder = join(home, "clerk-cli-auth", clientId);
  const config: ClerkCliAuthConfig = {
    clientId,
    issuer: server.origin,
    storage: "file",
    identityEndpoint: `${server.origin}${IDENTITY}`,
    ui: "none",
  };
  await mkdir(folder, { recursive: true, mode: 0o700 });
  let accessToken: string | undefined;
  if (step.lifetimeSeconds !== undefined) {
    const tokens = await emulator.issueTokens({ application, lifetimeSeconds: step.lifetimeSeconds });
    ({ accessToken } = tokens);
    const record = { ...tokens, savedAt: Date.now(), issuer: server.origin, clientId };
    const file = { version: 1, entries: { tokens: JSON.stringify(record) } };
    await writeFile(join(folder, CREDENTIALS), JSON.stringify(file), { mode: 0o600 });
  }
  return {
    server,
    config,
    folder,
    stored: ({ wasKilled = false } = {}) => storedState(folder, { accessToken, wasKilled }),
    async isSignedIn() {
      const headers = { authorization: `Bearer ${await storedAccessToken(folder)}` };
      return (await emulator.fetch(new Request(`${server.origin}/oauth/userinfo`, { headers }))).ok;
    },
    close: () => server.close(),
  };
}

/** The issuer and the backend, on one origin. */
async function answer(request: Request, emulator: Emulator): Promise<Response> {
  const isBackend = new URL(request.url).pathname === IDENTITY;
  return isBackend ? Response.json({ sub: emulator.user.id }) : await emulator.fetch(request);
}

/** A client of a world, in this process. */
export function clientOf({ config }: World, options: Partial<ClerkCliAuthConfig> = {}): ClerkCliAuth {
  return new ClerkCliAuth({ ...config, openBrowser: createScriptedBrowser().opener(), ...options });
}
