import { createEmulator, type Emulator, type Fault } from "@clerk/cli-auth/testing";

/** How a refresh goes wrong. The `lost_` ones still take effect at the issuer. */
export type RefreshFault =
  | "unreachable"
  | "unavailable"
  | "rate_limited"
  | "silent"
  | "lost_unavailable"
  | "lost_halfway"
  | "lost_silent";

/** Faults that only a deadline ends. */
export const SILENT_FAULTS: readonly RefreshFault[] = ["silent", "lost_silent"];

/** How the emulator plays a fault. Silence is left to the sender: no deadline must take its place. */
const EMULATED: Partial<Record<RefreshFault, Omit<Fault, "endpoint">>> = {
  unavailable: { status: 503 },
  rate_limited: { status: 429, body: { error: "slow_down" } },
  lost_unavailable: { takesEffect: true, status: 502, body: "<html>bad gateway" },
  lost_halfway: { cut: "body" },
};

/** An issuer that rotates refresh tokens, revokes on reuse, and knows what its clients must not do. */
export interface RotatingIssuer {
  readonly emulator: Emulator;
  /** Refresh tokens that were used up. */
  readonly spent: ReadonlySet<string>;
  /** Those of them whose response never came. */
  readonly lost: ReadonlySet<string>;
  /** Refresh tokens used twice although the response to the first use had come. */
  readonly reused: string[];
  /** Returns the `fetch` of one client; `nextFault` says how its next refresh goes wrong. */
  fetchFor(nextFault: () => RefreshFault | undefined): typeof globalThis.fetch;
  /** Whether an access token is accepted. A dead one stays dead. */
  accepts(accessToken: string): Promise<boolean>;
}

export interface RotatingIssuerOptions {
  /** The clock, in Unix milliseconds. */
  now: () => number;
  /** Called when a client waits for nothing but its deadline. */
  onSilence: () => void;
}

export function createRotatingIssuer({ now, onSilence }: RotatingIssuerOptions): RotatingIssuer {
  const emulator = createEmulator({
    behavior: { accessTokenFormat: "opaque", idTokenFormat: "opaque", accessTokenLifetimeSeconds: 3600 },
    now,
  });
  const spent = new Set<string>();
  const lost = new Set<string>();
  const reused: string[] = [];

  function note(refreshToken: string, isLost: boolean): void {
    if (spent.has(refreshToken) && !lost.has(refreshToken)) reused.push(refreshToken);
    spent.add(refreshToken);
    if (isLost) lost.add(refreshToken);
  }

  return {
    emulator,
    spent,
    lost,
    reused,
    fetchFor: (nextFault) => async (input, init) => {
      const form = new URLSearchParams(typeof init?.body === "string" ? init.body : "");
      const refreshToken = form.get("refresh_token");
      const fault = refreshToken === null ? undefined : nextFault();
      if (fault === "unreachable") throw new TypeError("unreachable");
      if (fault === "silent") return await silence(init!.signal!, onSilence);
      // The emulator applies a fault to the next request: this one, as only one refresh runs at a time.
      const emulated = fault && EMULATED[fault];
      if (emulated) emulator.faults.add({ endpoint: "token", ...emulated });
      const isLost = fault?.startsWith("lost_") ?? false;
      if (refreshToken !== null && (!fault || isLost)) note(refreshToken, isLost);
      const { signal, ...sent } = init!;
      const response = await emulator.fetch(new Request(input, sent));
      return fault === "lost_silent" ? await silence(signal!, onSilence) : response;
    },
    async accepts(accessToken) {
      const headers = { authorization: `Bearer ${accessToken}` };
      return (await emulator.fetch(new Request(`${emulator.issuer}/oauth/userinfo`, { headers }))).ok;
    },
  };
}

/** Does not respond until nobody waits any more. */
function silence(signal: AbortSignal, onSilence: () => void): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason));
    onSilence();
  });
}
