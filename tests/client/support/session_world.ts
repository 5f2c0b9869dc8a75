import {
  type AuthEvent,
  type ClientContext,
  openContext,
  readRecord,
  resolveConfig,
  type SessionRecord,
} from "../../doors/client.ts";
import type { CredentialStore } from "../../doors/storage.ts";
import { createFakeRuntime, type FakeRuntime } from "../../harness/fake_runtime.ts";
import { createRotatingIssuer, type RefreshFault, type RotatingIssuer } from "./rotating_issuer.ts";

/** One issuer, one record, and clients that come and go. */
export interface SessionWorld {
  readonly issuer: RotatingIssuer;
  readonly events: AuthEvent[];
  /** The clients that stay. */
  readonly clients: readonly WorldClient[];
  /** Creates a client for one call. */
  newClient(requestTimeoutMs?: number): Promise<WorldClient>;
  /** What is stored. */
  stored(): Promise<SessionRecord | null>;
  /** The clock of the clients' machine. */
  clientTime(): number;
  /** Lets time pass everywhere. */
  pass(durationMs: number): void;
  /** Sets how much the clients' clock differs from the issuer's. */
  setClientClock(offsetMs: number): void;
}

/** A client, and what goes wrong with its next refreshes. */
export interface WorldClient {
  readonly context: ClientContext;
  readonly faults: RefreshFault[];
}

export interface WorldOptions {
  /** Returns a separate store for each client. */
  storage: () => "file" | CredentialStore;
  /** The directory for files. */
  folder: string;
  /** Where other calls may come in between. */
  pause?: (() => Promise<void>) | undefined;
  /** Called when a client waits for nothing but its deadline. */
  onSilence: () => void;
}

/** Long enough for the slowest machine. */
const PATIENT_MS = 30_000;

/** Creates a world in which nobody is signed in. */
export async function createWorld(
  { storage, folder, pause, onSilence }: WorldOptions,
): Promise<SessionWorld> {
  let time = Date.UTC(2030, 0);
  const issuer = createRotatingIssuer({ now: () => time, onSilence });
  const events: AuthEvent[] = [];
  const runtime: FakeRuntime = await createFakeRuntime({ env: { XDG_CONFIG_HOME: folder } });
  runtime.time = time;

  async function newClient(requestTimeoutMs = PATIENT_MS): Promise<WorldClient> {
    const faults: RefreshFault[] = [];
    const send = issuer.fetchFor(() => faults.shift());
    const config = resolveConfig({
      clientId: issuer.emulator.application.clientId,
      issuer: issuer.emulator.issuer,
      storage: storage(),
      requestTimeoutMs,
      fetch: async (input, init) => {
        await pause?.();
        init?.signal?.throwIfAborted();
        const response = await send(input, init);
        await pause?.();
        return response;
      },
      onEvent: (event) => events.push(event),
      ui: "none",
    });
    return { context: await openContext(config, runtime), faults };
  }

  const clients = [await newClient(), await newClient(), await newClient()];
  const observer = await newClient();
  return {
    issuer,
    events,
    clients,
    newClient,
    stored: () => readRecord(observer.context),
    clientTime: () => runtime.time,
    pass: (durationMs) => {
      time += durationMs;
      runtime.time += durationMs;
    },
    setClientClock: (offsetMs) => {
      runtime.time = time + offsetMs;
    },
  };
}
