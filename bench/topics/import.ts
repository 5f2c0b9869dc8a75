import { readDenoConfig } from "../../scripts/deno_config.ts";
import type { Bench, Group, Line, Sample, Topic } from "../bench.ts";
import { ONE_LINE, OWN_NAME, PEERS } from "../measure/packages.ts";
import { type ProcessCase, timeProcesses } from "../measure/processes.ts";
import { writeProgram } from "../measure/programs.ts";
import { type BenchRuntime, withScripts } from "../measure/runtimes.ts";

const EMPTY = "empty process";
const SMALLEST = "a package of one line";
const GOALS: Readonly<Record<BenchRuntime["family"], string>> = { node: "3 ms", bun: "3 ms", deno: "2 ms" };

/** What is imported, if not every time. */
interface Import {
  label: string;
  modules: readonly string[];
  needsScripts?: boolean | undefined;
  every?: number;
}

/** What importing costs over an empty process. */
export const imports: Topic = {
  name: "imports",
  title: "Importing",
  about:
    "Whole processes that import a module and do nothing else, in milliseconds over an empty process. A package of one " +
    "line, which does nothing, shows what the runtime takes to find and read any.",
  async measure({ runtimes, isQuick }: Bench): Promise<Group[]> {
    const entries = Object.keys((await readDenoConfig()).exports).map((path) => OWN_NAME + path.slice(1));
    const groups: Group[] = [];
    for (const runtime of runtimes) {
      const cases: ProcessCase[] = [];
      const smallest = [{ label: EMPTY, modules: [] }, { label: SMALLEST, modules: [ONE_LINE] }];
      for (const item of [...smallest, ...ownImports(entries), ...peerImports(runtime)]) {
        cases.push(await caseOf(runtime, item));
      }
      const times = await timeProcesses(cases, { rounds: isQuick ? 2 : roundsOn(runtime) });
      groups.push(groupOf(runtime, times));
    }
    return groups;
  },
};

/** No user runs the sources. */
function roundsOn({ build }: BenchRuntime): number {
  return build === "sources" ? 8 : 30;
}

function ownImports(entries: readonly string[]): Import[] {
  return entries.map((name) => ({ label: name, modules: [name], every: name === OWN_NAME ? 1 : 3 }));
}

/** How this package is built makes no difference to its peers. */
function peerImports({ build }: BenchRuntime): Import[] {
  if (build === "sources") return [];
  return PEERS.map(({ label, packages, needsScripts }) => ({
    label,
    modules: Object.keys(packages),
    needsScripts,
    every: label === "oauth4webapi" ? 1 : 6,
  }));
}

async function caseOf(
  runtime: BenchRuntime,
  { label, modules, needsScripts, every = 1 }: Import,
): Promise<ProcessCase> {
  const source = modules.map((name) => `import ${JSON.stringify(name)};\n`).join("");
  const place = needsScripts ? withScripts(runtime) : runtime;
  return { label, every, command: await writeProgram(place, `import ${label}`, source) };
}

function groupOf({ label, family }: BenchRuntime, times: Record<string, Sample[]>): Group {
  const { [EMPTY]: empty = [], ...imported } = times;
  const lines = Object.entries(imported).map(([name, samples]): Line => ({
    label: name,
    role: roleOf(name),
    samples: samples.map((sample, round) => sample === null ? null : sample - empty[round]!),
  }));
  return { label, unit: "ms", goal: `${OWN_NAME} ≤ ${GOALS[family]}`, lines };
}

function roleOf(name: string): Line["role"] {
  if (name === OWN_NAME) return "own";
  return name === SMALLEST || name.startsWith(OWN_NAME) ? "part" : "peer";
}
