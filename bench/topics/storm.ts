import type { Bench, Group, Line, Topic } from "../bench.ts";
import { runCrowd } from "../measure/crowd.ts";
import { startIssuer, type TokenIssuer } from "../measure/issuer.ts";
import type { BenchRuntime } from "../measure/runtimes.ts";
import { type StoredSession, storeSession } from "../measure/stored_session.ts";

const CROWD = 20;
const DELAY_MS = 200;

const SUBJECTS: readonly { label: string; role: Line["role"]; size: number; isOwn: boolean }[] = [
  { label: "getAccessToken() in one process", role: "floor", size: 1, isOwn: true },
  { label: `getAccessToken() in ${CROWD}`, role: "own", size: CROWD, isOwn: true },
  { label: `fetch without a lock in ${CROWD}`, role: "peer", size: CROWD, isOwn: false },
];

/** What happens when many processes find the token expired at once. */
export const storm: Topic = {
  name: "storm",
  title: `${CROWD} processes that find the token expired`,
  about:
    `The processes are started and then begin at once. The issuer takes ${DELAY_MS} ms for an answer. Without a ` +
    "lock each sends a refresh of its own: where refresh tokens are rotated, all but one of them are taken for theft.",
  async measure(bench: Bench): Promise<Group[]> {
    const issuer = await startIssuer({ delayMs: DELAY_MS });
    const session = await storeSession(bench, { issuer: issuer.url, expiresAt: 1_000 });
    const groups: Group[] = [];
    for (const runtime of bench.runtimes.filter(({ build }) => build === "published")) {
      groups.push(...await measureOn(runtime, { issuer, session, rounds: bench.isQuick ? 1 : 5 }));
    }
    await issuer.close();
    return groups;
  },
};

async function measureOn(
  runtime: BenchRuntime,
  { issuer, session, rounds }: { issuer: TokenIssuer; session: StoredSession; rounds: number },
): Promise<Group[]> {
  const times = new Map<string, number[]>(SUBJECTS.map(({ label }) => [label, []]));
  const calls = new Map<string, number[]>(SUBJECTS.map(({ label }) => [label, []]));
  for (let round = 0; round < rounds; round++) {
    for (const { label, size, isOwn } of SUBJECTS) {
      await session.restore();
      const before = issuer.calls();
      const { tookMs, results } = await runCrowd<string | null>(runtime, "storm", {
        size,
        args: [{ issuer: session.issuer, clientId: session.clientId, path: session.path }, isOwn],
        env: session.env,
      });
      if (results.includes(null)) throw new Error(`A process got no token on ${runtime.label}: ${label}`);
      times.get(label)!.push(tookMs);
      calls.get(label)!.push(issuer.calls() - before);
    }
  }
  const lines = (samples: Map<string, number[]>): Line[] =>
    SUBJECTS.map(({ label, role }) => ({ label, role, samples: samples.get(label)! }));
  return [
    {
      label: `${runtime.label}, until all have a token`,
      unit: "ms",
      goal: "≤ 2 × one refresh",
      lines: lines(times),
    },
    { label: `${runtime.label}, calls that reach the issuer`, unit: "calls", goal: "1", lines: lines(calls) },
  ];
}
