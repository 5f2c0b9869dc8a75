import { fileURLToPath } from "node:url";
import { emptyFolder } from "../../scripts/folders.ts";
import type { Bench, Group, Line, Role, Sample, Topic } from "../bench.ts";
import { gatherCrowd } from "../measure/crowd.ts";
import { type BenchRuntime, withScripts } from "../measure/runtimes.ts";
import { runSubject } from "../measure/subject.ts";
import { type Subject, takeTurns } from "../measure/take_turns.ts";
import type { LockName } from "../subjects/locks/locks.ts";

const CROWD = 20;
const TIMES = 5;
const LOCKS: Readonly<Record<LockName, readonly [label: string, role: Role]>> = {
  own: ["withLock()", "own"],
  properLockfile: ["proper-lockfile", "peer"],
  msal: ["MSAL extensions, CrossPlatformLock", "peer"],
};

/** What the lock costs that keeps two processes from refreshing at once. */
export const lock: Topic = {
  name: "lock",
  title: "The lock between processes",
  about:
    `Taking and releasing the lock of a credential file: alone, and by ${CROWD} processes at once, each ${TIMES} ` +
    "times. The floor creates a file exclusively and removes it, which would leave a stale lock behind whoever is " +
    "killed. That is what the extensions of MSAL do: whoever waits looks again every 100 ms, and gives up after 50 s " +
    "where the holder was killed. `proper-lockfile`, which many others use, takes the lock of such a holder after ten " +
    "seconds, and looks again here every 1 to 20 ms; this package takes it at once, and for that listens on a port " +
    "while it holds the lock.",
  async measure(bench: Bench): Promise<Group[]> {
    const folder = new URL("lock/", bench.workspace.folder);
    const groups: Group[] = [];
    for (const runtime of bench.runtimes.filter(({ build }) => build === "published")) {
      await emptyFolder(folder);
      groups.push(await alone(runtime, { folder, rounds: bench.isQuick ? 5 : 20 }));
      groups.push(await contended(runtime, { folder, rounds: bench.isQuick ? 1 : 3 }));
    }
    return groups;
  },
};

interface Place {
  folder: URL;
  rounds: number;
}

async function alone(runtime: BenchRuntime, { folder, rounds }: Place): Promise<Group> {
  const samples = await runSubject<Record<"floor" | LockName, Sample[]>>(withScripts(runtime), "lock_alone", {
    args: [fileURLToPath(folder), rounds],
  });
  const floor: Line = { label: "exclusive creation", role: "floor", samples: samples.floor };
  return { label: `${runtime.label}, alone`, unit: "µs", lines: [floor, ...linesOf(samples)] };
}

async function contended(runtime: BenchRuntime, { folder, rounds }: Place): Promise<Group> {
  const crowd = await gatherCrowd(withScripts(runtime), "lock_contended", {
    size: CROWD,
    args: [fileURLToPath(folder), TIMES],
  });
  const subjects = Object.keys(LOCKS).map((name): [string, Subject] => [name, {
    measure: async () => (await crowd.begin(name)).tookMs / (CROWD * TIMES),
  }]);
  const samples = await takeTurns(Object.fromEntries(subjects), { rounds });
  await crowd.end();
  return { label: `${runtime.label}, ${CROWD} processes, each time`, unit: "ms", lines: linesOf(samples) };
}

function linesOf(samples: Record<string, Sample[]>): Line[] {
  return Object.entries(LOCKS).map(([name, [label, role]]) => ({ label, role, samples: samples[name]! }));
}
