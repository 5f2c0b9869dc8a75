import type { Bench, Group, Line, Sample, Topic } from "../bench.ts";
import { gatherCrowd } from "../measure/crowd.ts";
import { startIssuer, type TokenIssuer } from "../measure/issuer.ts";
import { storeMsalSession } from "../measure/msal_session.ts";
import { MSAL_LABEL } from "../measure/packages.ts";
import { type BenchRuntime, withScripts } from "../measure/runtimes.ts";
import { storeSession } from "../measure/stored_session.ts";
import { type Subject, takeTurns } from "../measure/take_turns.ts";

const CROWD = 20;
const DELAY_MS = 200;
/** Whoever refreshes without a lock does so as often as there are processes: once is enough to see it. */
const PEER_EVERY = 5;

/** What is found expired. */
interface Session {
  env: Record<string, string>;
  restore(): Promise<void>;
}

/** A crowd of processes that want a token. */
interface Wanting extends Pick<Line, "label" | "role"> {
  program: "storm" | "storm_by_hand" | "storm_msal";
  size: number;
  session: Session;
  every?: number;
}

/** What happens when many processes find the token expired at once. */
export const storm: Topic = {
  name: "storm",
  title: `${CROWD} processes that find the token expired`,
  about:
    `The processes are started and then begin at once. The issuer takes ${DELAY_MS} ms for an answer. Without a ` +
    "lock each sends a refresh of its own: where refresh tokens are rotated, all but one of them are taken for theft. " +
    "The lock of MSAL is held while its file is read or written, not while it asks for tokens; and it is let go of " +
    "twice, the second time from under whoever has taken it since: a process that then reads a file in the making finds " +
    "nobody signed in, and counts as done.",
  async measure(bench: Bench): Promise<Group[]> {
    const issuer = await startIssuer({ delayMs: DELAY_MS });
    const crowds = await gatherWanting(bench, issuer);
    const groups: Group[] = [];
    for (const runtime of bench.runtimes.filter(({ build }) => build === "published")) {
      groups.push(...await measureOn(runtime, { issuer, crowds, rounds: bench.isQuick ? 1 : 4 }));
    }
    await issuer.close();
    return groups;
  },
};

async function gatherWanting(bench: Bench, { url: issuer }: TokenIssuer): Promise<Wanting[]> {
  const session = await storeSession(bench, { issuer, expiresAt: 1_000 });
  const crowds: Wanting[] = [
    { label: "getAccessToken() in one process", role: "floor", program: "storm", size: 1, session },
    { label: `getAccessToken() in ${CROWD}`, role: "own", program: "storm", size: CROWD, session },
    {
      label: `fetch without a lock in ${CROWD}`,
      role: "peer",
      program: "storm_by_hand",
      size: CROWD,
      session,
      every: PEER_EVERY,
    },
  ];
  // Its processes take seconds to start.
  if (bench.isQuick) return crowds;
  const label = `${MSAL_LABEL}, in ${CROWD}`;
  const msal = await storeMsalSession(bench, { expiredAt: issuer });
  return [
    ...crowds,
    { label, role: "peer", program: "storm_msal", size: CROWD, session: msal, every: PEER_EVERY },
  ];
}

async function measureOn(
  runtime: BenchRuntime,
  { issuer, crowds, rounds }: { issuer: TokenIssuer; crowds: readonly Wanting[]; rounds: number },
): Promise<Group[]> {
  const calls: Record<string, number[]> = {};
  const subjects = crowds.map((crowd): [string, Subject] => [crowd.label, {
    every: crowd.every,
    async measure() {
      const before = issuer.calls();
      const tookMs = await timeCrowd(runtime, crowd);
      (calls[crowd.label] ??= []).push(issuer.calls() - before);
      return tookMs;
    },
  }]);
  const times = await takeTurns(Object.fromEntries(subjects), { rounds, warmUp: 0 });
  const lines = (samples: Record<string, Sample[]>): Line[] =>
    crowds.map(({ label, role }) => ({ label, role, samples: samples[label]! }));
  const goal = "≤ 2 × one refresh";
  return [
    { label: `${runtime.label}, until all have a token`, unit: "ms", goal, lines: lines(times) },
    { label: `${runtime.label}, calls that reach the issuer`, unit: "calls", goal: "1", lines: lines(calls) },
  ];
}

async function timeCrowd(
  runtime: BenchRuntime,
  { label, program, size, session: { env, restore, ...session } }: Wanting,
): Promise<number> {
  await restore();
  const place = program === "storm_msal" ? withScripts(runtime) : runtime;
  const crowd = await gatherCrowd(place, program, { size, args: [session], env });
  const { tookMs, results } = await crowd.begin<string | null>();
  await crowd.end();
  if (program !== "storm_msal" && results.includes(null)) {
    throw new Error(`A process got no token on ${runtime.label}: ${label}`);
  }
  return tookMs;
}
