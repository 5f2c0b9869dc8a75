import type { Bench, Group, Line, Role, Topic } from "../bench.ts";
import { type Instance, startInstance } from "../measure/instance.ts";
import type { BenchRuntime } from "../measure/runtimes.ts";
import { runSubject } from "../measure/subject.ts";
import type { MemoryName } from "../subjects/server/memory.ts";
import type { RepeatName } from "../subjects/server/repeat.ts";
import type { Rounds } from "../subjects/server/rounds.ts";
import type { Situation, VerificationResults } from "../subjects/server/verification.ts";

type Labels = Readonly<Record<string, readonly [label: string, role: Role]>>;

const OWN = ["verifyToken()", "own"] as const;
const BACKEND = ["@clerk/backend, authenticateRequest()", "peer"] as const;

/** The verifiers that take turns on a JWT, by their names in the programs. */
const JWT_LABELS: Labels = {
  floor: ["subtle.verify, the signature alone", "floor"],
  own: OWN,
  ownFetchingKeys: ["verifyToken(), keys fetched from Clerk", "part"],
  jose: ["jose, jwtVerify()", "peer"],
  oauth4webapi: ["oauth4webapi, validateJwtAccessToken()", "peer"],
  google: ["google-auth-library, verifySignedJwtWithCertsAsync()", "peer"],
  backend: BACKEND,
};
const OPAQUE_LABELS: Labels = { floor: ["fetch, the same request", "floor"], own: OWN, backend: BACKEND };
const KNOWN_LABELS: Labels = { ...JWT_LABELS, floor: ["a map of tokens", "floor"] };

const SITUATIONS: Readonly<Record<Situation, readonly [name: string, labels: Labels]>> = {
  firstSeen: ["JWT first seen", JWT_LABELS],
  seenBefore: ["JWT seen before", KNOWN_LABELS],
  opaque: ["opaque token, no cache", OPAQUE_LABELS],
  cached: ["opaque token, cached", KNOWN_LABELS],
};

/** What is set out for where one token is verified after the other. */
function goalOf(situation: Situation, { family }: BenchRuntime): string | undefined {
  if (situation === "cached") return "≥ 100,000/s";
  if (family !== "node") return undefined;
  return {
    firstSeen: "≥ 2 × authenticateRequest()",
    seenBefore: "≥ 100,000/s",
    opaque: undefined,
  }[situation];
}

const MEMORY: readonly MemoryName[] = ["floor", "own", "jose", "oauth4webapi", "google", "backend"];
const MEMORY_TOKENS = 500;

const REPEATED: Readonly<Record<RepeatName, readonly [label: string, role: Role]>> = {
  floor: ["fetch, the same request", "floor"],
  own: ["verifyToken(), cached", "own"],
  ownWithoutCache: ["verifyToken(), no cache", "part"],
  backend: BACKEND,
};
const REPEAT = { keys: 10, times: 10 };

/** What a token costs the backend. */
export const verification: Topic = {
  name: "verification",
  title: "Verification on the server",
  about:
    "Tokens a second in one process, one after the other and 50 at once, and how long single calls take. A JWT that was " +
    "never seen before has its signature verified (RS256); the public key is given, except where the line says otherwise " +
    "and to `oauth4webapi`, which fetches it. `jose` checks signature, type and expiry. An opaque token (an API key) is " +
    "verified by one request to Clerk's API, here an emulator on the same machine. What has been seen before is found " +
    "again in a map by the floor; the peers remember nothing. Memory is what a process has grown by when " +
    `${MEMORY_TOKENS} tokens were verified once.`,
  async measure(bench: Bench): Promise<Group[]> {
    const rounds = bench.isQuick ? 2 : 6;
    const jwtsPerRound = bench.isQuick ? 50 : 100;
    const jwts = Math.max((rounds + 1) * jwtsPerRound, MEMORY_TOKENS);
    const instance = await startInstance(bench.workspace, { jwts });
    const groups: Group[] = [];
    for (const runtime of bench.runtimes.filter(({ build }) => build === "published")) {
      const results = await runSubject<VerificationResults>(runtime, "server/verification", {
        args: [instance.file, rounds, jwtsPerRound],
      });
      groups.push(
        ...groupsOf(runtime, results),
        await callsOf(runtime, instance),
        await memoryOf(runtime, { instance, rounds: bench.isQuick ? 1 : 2 }),
      );
    }
    await instance.close();
    return groups;
  },
};

function groupsOf(runtime: BenchRuntime, results: VerificationResults): Group[] {
  return (Object.keys(SITUATIONS) as Situation[]).flatMap((situation): Group[] => {
    const [name, labels] = SITUATIONS[situation];
    const { sequential, atOnce } = results[situation];
    const label = `${runtime.label}, ${name}`;
    const goal = goalOf(situation, runtime);
    return [
      { label, unit: "/s", lines: linesOf(sequential, labels), ...(goal !== undefined && { goal }) },
      { label: `${label}, 50 at once`, unit: "/s", lines: linesOf(atOnce, labels) },
    ];
  });
}

function linesOf(found: Record<string, Rounds>, labels: Labels): Line[] {
  return Object.entries(labels).flatMap(([name, [label, role]]): Line[] => {
    const rounds = found[name];
    return rounds ? [{ label, role, samples: rounds.rates, latencies: rounds.latencies }] : [];
  });
}

async function callsOf(runtime: BenchRuntime, { file, takeCalls }: Instance): Promise<Group> {
  const lines: Line[] = [];
  for (const [name, [label, role]] of Object.entries(REPEATED)) {
    takeCalls();
    await runSubject(runtime, "server/repeat", { args: [file, name, REPEAT] });
    lines.push({ label, role, samples: [takeCalls() / REPEAT.keys] });
  }
  const label = `${runtime.label}, calls to Clerk for an opaque token that is verified ${REPEAT.times} times`;
  return { label, unit: "calls", goal: "1", lines };
}

async function memoryOf(
  runtime: BenchRuntime,
  { instance, rounds }: { instance: Instance; rounds: number },
): Promise<Group> {
  // All at once: how fast they are makes no difference.
  const lines = await Promise.all(MEMORY.map(async (name): Promise<Line> => {
    const args = [instance.file, name, MEMORY_TOKENS];
    const samples: number[] = [];
    while (samples.length < rounds) samples.push(await runSubject(runtime, "server/memory", { args }));
    const [label, role] = JWT_LABELS[name]!;
    return { label, role, samples };
  }));
  return { label: `${runtime.label}, memory`, unit: "MB", lines };
}
