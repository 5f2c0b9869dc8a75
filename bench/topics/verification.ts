import type { Bench, Group, Line, Role, Topic, Unit } from "../bench.ts";
import { type Instance, startInstance } from "../measure/instance.ts";
import type { BenchRuntime } from "../measure/runtimes.ts";
import { runSubject } from "../measure/subject.ts";
import type { Rounds } from "../subjects/server/rounds.ts";
import type { VerificationResults } from "../subjects/server/verification.ts";

/** The verifiers that take turns, by their names in the programs. */
const SUBJECTS: Readonly<Record<string, readonly [label: string, role: Role]>> = {
  floor: ["subtle.verify, the signature alone", "floor"],
  own: ["verifyToken()", "own"],
  ownFetchingKeys: ["verifyToken(), keys fetched from Clerk", "part"],
  jose: ["jose, jwtVerify()", "peer"],
  backend: ["@clerk/backend, authenticateRequest()", "peer"],
};

const REQUEST_FLOOR = "fetch, the same request";

/** What a token costs the backend. */
export const verification: Topic = {
  name: "verification",
  title: "Verification on the server",
  about:
    "Tokens a second in one process. A JWT that was never seen before has its signature verified (RS256); the " +
    "public key is given, except where the line says otherwise. `jose` checks signature, type and expiry. An opaque " +
    "token (an API key) is verified by one request to Clerk's API, here an emulator on the same machine. Memory is what " +
    "a process has grown by when all tokens of a run were verified once.",
  async measure(bench: Bench): Promise<Group[]> {
    const rounds = bench.isQuick ? 5 : 20;
    const jwtsPerRound = bench.isQuick ? 50 : 100;
    const instance = await startInstance(bench.workspace, { jwts: (rounds + 1) * jwtsPerRound });
    const groups: Group[] = [];
    for (const runtime of bench.runtimes.filter(({ build }) => build === "published")) {
      const results = await runSubject<VerificationResults>(runtime, "server/verification", {
        args: [instance.file, rounds, jwtsPerRound],
      });
      groups.push(
        ...groupsOf(runtime, results),
        await memoryOf(runtime, { instance, rounds: bench.isQuick ? 1 : 3 }),
      );
    }
    await instance.close();
    return groups;
  },
};

function groupsOf({ label, family }: BenchRuntime, results: VerificationResults): Group[] {
  const { firstSeen, firstSeenAtOnce, seenBefore, opaque, opaqueAtOnce, cached } = results;
  const isNode = family === "node";
  const rate = (name: string, found: Record<string, Rounds> | undefined, goal?: string): Group =>
    groupOf(found ?? {}, { label: `${label}, ${name}`, unit: "/s", pick: ({ rates }) => rates, goal });
  return [
    rate("JWT first seen", firstSeen, isNode ? "≥ 2 × authenticateRequest()" : undefined),
    groupOf(firstSeen ?? {}, {
      label: `${label}, JWT first seen, median of each`,
      unit: "µs",
      pick: ({ p50 }) => p50,
    }),
    groupOf(firstSeen ?? {}, {
      label: `${label}, JWT first seen, 99 of 100`,
      unit: "µs",
      pick: ({ p99 }) => p99,
    }),
    rate("JWT first seen, 50 at once", firstSeenAtOnce),
    rate("JWT seen before", seenBefore, isNode ? "≥ 100,000/s" : undefined),
    withRequestFloor(rate("opaque token, no cache", opaque)),
    withRequestFloor(rate("opaque token, no cache, 50 at once", opaqueAtOnce)),
    rate("opaque token, cached", cached, "≥ 100,000/s"),
  ];
}

interface Figures {
  label: string;
  unit: Unit;
  pick: (rounds: Rounds) => number[];
  goal?: string | undefined;
}

function groupOf(found: Record<string, Rounds>, { label, unit, pick, goal }: Figures): Group {
  const lines = Object.entries(found).map(([name, rounds]): Line => {
    const [label, role] = SUBJECTS[name]!;
    return { label, role, samples: pick(rounds) };
  });
  return { label, unit, lines, ...(goal !== undefined && { goal }) };
}

function withRequestFloor(group: Group): Group {
  const lines = group.lines.map((line) => line.role === "floor" ? { ...line, label: REQUEST_FLOOR } : line);
  return { ...group, lines };
}

async function memoryOf(
  runtime: BenchRuntime,
  { instance, rounds }: { instance: Instance; rounds: number },
): Promise<Group> {
  const lines: Line[] = ["floor", "own", "jose", "backend"].map((name) => {
    const [label, role] = SUBJECTS[name]!;
    return { label, role, samples: [] };
  });
  for (let round = 0; round < rounds; round++) {
    for (const [index, name] of ["floor", "own", "jose", "backend"].entries()) {
      lines[index]!.samples.push(await runSubject(runtime, "server/memory", { args: [instance.file, name] }));
    }
  }
  return { label: `${runtime.label}, memory`, unit: "MB", lines };
}
