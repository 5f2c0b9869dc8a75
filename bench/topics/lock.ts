import { fileURLToPath } from "node:url";
import { emptyFolder } from "../../scripts/folders.ts";
import type { Bench, Group, Line, Topic } from "../bench.ts";
import { runCrowd } from "../measure/crowd.ts";
import type { BenchRuntime } from "../measure/runtimes.ts";
import { runSubject } from "../measure/subject.ts";

const CROWD = 20;
const TIMES = 5;
const NAMES = { own: "withLock()", properLockfile: "proper-lockfile" } as const;

/** What the lock costs that keeps two processes from refreshing at once. */
export const lock: Topic = {
  name: "lock",
  title: "The lock between processes",
  about:
    `Taking and releasing the lock of a credential file: alone, and by ${CROWD} processes at once, each ${TIMES} ` +
    "times. The floor creates a file exclusively and removes it, which would leave a stale lock behind whoever is " +
    "killed. `proper-lockfile`, which the extensions of MSAL and many others use, takes the lock of a holder that was " +
    "killed after ten seconds; this package does so at once, and for that listens on a port while it holds the lock.",
  async measure(bench: Bench): Promise<Group[]> {
    const folder = new URL("lock/", bench.workspace.folder);
    const groups: Group[] = [];
    for (const runtime of bench.runtimes.filter(({ build }) => build === "published")) {
      await emptyFolder(folder);
      groups.push(await alone(runtime, { folder, rounds: bench.isQuick ? 5 : 20 }));
      groups.push(await contended(runtime, { folder, rounds: bench.isQuick ? 1 : 5 }));
    }
    return groups;
  },
};

interface Place {
  folder: URL;
  rounds: number;
}

async function alone(runtime: BenchRuntime, { folder, rounds }: Place): Promise<Group> {
  const args = [fileURLToPath(folder), rounds];
  const { floor, own, properLockfile } = await runSubject<Record<"floor" | keyof typeof NAMES, number[]>>(
    runtime,
    "lock_alone",
    { args },
  );
  const lines: Line[] = [
    { label: "exclusive creation", role: "floor", samples: floor },
    { label: NAMES.own, role: "own", samples: own },
    { label: NAMES.properLockfile, role: "peer", samples: properLockfile },
  ];
  return { label: `${runtime.label}, alone`, unit: "µs", lines };
}

async function contended(runtime: BenchRuntime, { folder, rounds }: Place): Promise<Group> {
  const samples: Record<keyof typeof NAMES, number[]> = { own: [], properLockfile: [] };
  for (let round = 0; round < rounds; round++) {
    for (const name of Object.keys(NAMES) as (keyof typeof NAMES)[]) {
      const { tookMs } = await runCrowd(runtime, "lock_contended", {
        size: CROWD,
        args: [fileURLToPath(folder), name, TIMES],
      });
      samples[name].push(tookMs / (CROWD * TIMES));
    }
  }
  const lines: Line[] = [
    { label: NAMES.own, role: "own", samples: samples.own },
    { label: NAMES.properLockfile, role: "peer", samples: samples.properLockfile },
  ];
  return { label: `${runtime.label}, ${CROWD} processes, each time`, unit: "ms", lines };
}
