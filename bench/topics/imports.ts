import { readDenoConfig } from "../../scripts/deno_config.ts";
import type { Bench, Group, Line, Sample, Topic } from "../bench.ts";
import { OWN_NAME, PEERS } from "../measure/packages.ts";
import { type ProcessCase, timeProcesses } from "../measure/processes.ts";
import { writeProgram } from "../measure/programs.ts";
import type { BenchRuntime } from "../measure/runtimes.ts";

const EMPTY = "empty process";
const GOALS: Readonly<Record<BenchRuntime["family"], string>> = { node: "3 ms", bun: "3 ms", deno: "2 ms" };

/** What importing costs over an empty process. */
export const imports: Topic = {
  name: "imports",
  title: "Importing",
  about: "Whole processes that import a module and do nothing else, in milliseconds over an empty process.",
  async measure({ runtimes, isQuick }: Bench): Promise<Group[]> {
    const entries = Object.keys((await readDenoConfig()).exports).map((path) => OWN_NAME + path.slice(1));
    const groups: Group[] = [];
    for (const runtime of runtimes) {
      const cases: ProcessCase[] = [];
      for (const label of [EMPTY, ...entries, ...peersOn(runtime)]) {
        const source = label === EMPTY ? "" : `import ${JSON.stringify(label)};\n`;
        cases.push({ label, command: await writeProgram(runtime, `import ${label}`, source) });
      }
      const times = await timeProcesses(cases, { rounds: isQuick ? 5 : 20 });
      groups.push(groupOf(runtime, times));
    }
    return groups;
  },
};

/** How this package is built makes no difference to its peers. */
function peersOn({ build }: BenchRuntime): string[] {
  return build === "sources" ? [] : Object.keys(PEERS);
}

function groupOf({ label, family }: BenchRuntime, times: Record<string, Sample[]>): Group {
  const { [EMPTY]: empty = [], ...imported } = times;
  const lines = Object.entries(imported).map(([name, samples]): Line => ({
    label: name,
    role: name === OWN_NAME ? "own" : name.startsWith(OWN_NAME) ? "part" : "peer",
    samples: samples.map((sample, round) => sample === null ? null : sample - empty[round]!),
  }));
  return { label, unit: "ms", goal: `${OWN_NAME} ≤ ${GOALS[family]}`, lines };
}
