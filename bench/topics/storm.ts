import type { Bench, Group, Line, Sample, Topic } from "../bench.ts";
import { type Issuer, startIssuer } from "../issuer.ts";
import { startProgram } from "../processes.ts";
import type { StormName } from "../programs/storm.ts";
import { type MsalSession, type StoredSession, storeMsalSession, storeSession } from "../sessions.ts";
import type { BenchRuntime } from "../workspace.ts";

const CROWD = 20;
const DELAY_MS = 200;

interface Storm {
  name: StormName;
  size: number;
  session: StoredSession | MsalSession;
  issuer: Issuer;
}

/** What happens when many processes find the token expired at once. */
export const storm: Topic = {
  name: "storm",
  title: `${CROWD} processes that find the token expired`,
  about:
    `The processes are started, then begin at once. The issuer takes ${DELAY_MS} ms to answer. Without a lock each sends a ` +
    "refresh of its own: if refresh tokens are rotated, all but one look stolen. MSAL holds its lock while it reads or writes " +
    "its file, not while it asks for tokens, and releases it twice, the second time for whoever has taken it since: a process " +
    "that then reads a half-written file finds nobody signed in, and counts as done.",
  async prepare(bench: Bench): Promise<Group[]> {
    const issuer = await startIssuer({ delayMs: DELAY_MS });
    bench.resources.defer(() => issuer.close());
    const session = await storeSession(bench, { expiredAt: issuer.url });
    const msal = await storeMsalSession(bench, { expiredAt: issuer.url });
    return bench.runtimes.map((runtime): Group => {
      const line = (label: string, every: number, storm: Omit<Storm, "issuer">): Line => ({
        label,
        every,
        measure: () => measureStorm(runtime, { ...storm, issuer }),
      });
      return {
        label: `${runtime.label}: getAccessToken() in ${CROWD} processes`,
        unit: "ms",
        own: line("getAccessToken()", 1, { name: "own", size: CROWD, session }),
        others: [
          line("in one process", 1, { name: "own", size: 1, session }),
          line("fetch without a lock", 5, { name: "byHand", size: CROWD, session }),
          line("MSAL with its extensions", 5, { name: "msal", size: CROWD, session: msal }),
        ],
        goal: 2,
      };
    });
  },
};

async function measureStorm(
  runtime: BenchRuntime,
  { name, size, session: { env, restore, ...session }, issuer }: Storm,
): Promise<Sample> {
  await restore();
  const before = issuer.requests();
  const options = { args: [name, session], env, needsScripts: name === "msal" };
  const crowd = await Promise.all(
    Array.from({ length: size }, () => startProgram(runtime, "storm", options)),
  );
  const started = performance.now();
  const tokens = await Promise.all(crowd.map(({ ask }) => ask<string | null>("")));
  const value = performance.now() - started;
  await Promise.all(crowd.map(({ close }) => close()));
  if (name !== "msal" && tokens.includes(null)) {
    throw new Error(`${name}: a process got no token on ${runtime.label}`);
  }
  return { value, requests: issuer.requests() - before };
}
