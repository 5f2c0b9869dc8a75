import { type AuthEvent, ClerkCliAuth, type ClerkCliAuthConfig, type CredentialStore } from "@clerk/cli-auth";
import {
  createEmulator,
  createScriptedBrowser,
  type EmulatedTokens,
  type Emulator,
  type EmulatorBehavior,
  type EmulatorEndpoint,
  type EmulatorRequest,
  type Fault,
  type IssueTokensOptions,
  type ScriptedBrowser,
} from "@clerk/cli-auth/testing";
import { isOfDeadline, LAST_MOMENT_MS, onFakeClock } from "./fake_clock.ts";
import { untilPushed } from "./until_pushed.ts";

/** A client with its own emulator. */
export interface TestClient {
  readonly auth: ClerkCliAuth;
  readonly config: ClerkCliAuthConfig;
  readonly emulator: Emulator;
  readonly issuer: string;
  /** The browser that walks through logins, unless the configuration has another opener. */
  readonly browser: ScriptedBrowser;
  /** What is stored, by key. */
  readonly entries: Map<string, string>;
  /** Events, in order. */
  readonly events: AuthEvent[];
  /** Stores tokens as a login would. */
  signIn(options?: IssueTokensOptions): Promise<EmulatedTokens>;
  /** The stored record, parsed; `undefined` if there is none. */
  record(): Record<string, unknown> | undefined;
  /** Changes members of the stored record. */
  change(members: Record<string, unknown>): void;
  /** The requests received by an endpoint. */
  requestsTo(endpoint: EmulatorEndpoint): EmulatorRequest<EmulatorEndpoint>[];
  /** Resolves once an endpoint has received so many requests. */
  untilRequested(endpoint: EmulatorEndpoint, count?: number): Promise<void>;
  /**
   * Runs a task that meets a fault. If the fault is a response that never comes, a client's default timeout passes as
   * soon as the request has arrived.
   */
  meet<T>(fault: Fault<EmulatorEndpoint>, task: () => Promise<T>): Promise<T>;
  /** Creates another client on the same emulator. */
  another(config?: Partial<ClerkCliAuthConfig>): ClerkCliAuth;
  close(): Promise<void>;
}

const DEFAULT_REQUEST_TIMEOUT_MS = 30_000;

/** Making a key takes a while. Whatever a test does not look into is opaque. */
const QUICK: Partial<EmulatorBehavior> = {
  accessTokenFormat: "opaque",
  idTokenFormat: "opaque",
  deviceGrant: false,
};

/**
 * Starts an emulator and creates a client for it that stores in a map. Tokens are opaque unless `behavior` says
 * otherwise.
 */
export async function startTestClient(
  config: Partial<ClerkCliAuthConfig> = {},
  behavior: Partial<EmulatorBehavior> = {},
): Promise<TestClient> {
  const emulator = createEmulator({ behavior: { ...QUICK, ...behavior } });
  const { issuer, close } = await emulator.listen();
  const browser = createScriptedBrowser();
  const entries = new Map<string, string>();
  const events: AuthEvent[] = [];
  const whole: ClerkCliAuthConfig = {
    clientId: emulator.application.clientId,
    issuer,
    storage: mapStore(entries),
    openBrowser: browser.opener(),
    onEvent: (event) => events.push(event),
    ui: "none",
    ...config,
  };
  const record = () => {
    const text = entries.get("tokens");
    return text === undefined ? undefined : JSON.parse(text);
  };
  const change = (members: Record<string, unknown>) => {
    entries.set("tokens", JSON.stringify({ ...record(), ...members }));
  };
  const requestsTo = (endpoint: EmulatorEndpoint) =>
    emulator.requests.filter((request) => request.endpoint === endpoint);
  const untilRequested = async (endpoint: EmulatorEndpoint, count = 1) => {
    await untilPushed(emulator.requests, () => requestsTo(endpoint).length >= count);
  };
  return {
    auth: new ClerkCliAuth(whole),
    config: whole,
    emulator,
    issuer,
    browser,
    entries,
    events,
    record,
    change,
    async signIn(options = {}) {
      const tokens = await emulator.issueTokens(options);
      change({ ...tokens, issuer, clientId: whole.clientId });
      return tokens;
    },
    requestsTo,
    untilRequested,
    meet: async (fault, task) => {
      emulator.faults.add(fault);
      if (fault.cut !== "headers") return await task();
      return await onFakeClock(async (clock) => {
        const asked = untilRequested(fault.endpoint, requestsTo(fault.endpoint).length + 1);
        const running = task();
        await Promise.race([asked, running]);
        await clock.advance(DEFAULT_REQUEST_TIMEOUT_MS + LAST_MOMENT_MS);
        return await running;
      }, isOfDeadline);
    },
    another: (other = {}) => new ClerkCliAuth({ ...whole, ...other }),
    close,
  };
}

/** A custom store. */
export function mapStore(entries: Map<string, string>): CredentialStore {
  return {
    get: (key) => entries.get(key),
    set: (key, value) => void entries.set(key, value),
    delete: (key) => entries.delete(key),
  };
}

export function namesOf(events: readonly AuthEvent[]): string[] {
  return events.map(({ type }) => type);
}
