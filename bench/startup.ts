/**
 * Measures what importing each entry point costs over an empty process: the built package on Node and Bun, the source
 * on Deno.
 *
 *     deno task build:npm && deno task bench
 *
 * Whole processes are timed, because part of the cost falls at their end; they take turns, so that what else the
 * machine does strikes all alike.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { readDenoConfig, ROOT } from "../scripts/deno_config.ts";
import { entryNames } from "../scripts/npm/manifest.ts";
import { CONFIG_FILE, currentRegistry } from "../scripts/registry.ts";
import { median } from "./median.ts";

const ROUNDS = 40;

interface Subject {
  /** How the runtime runs a module. */
  command: string[];
  /** Where it finds an entry point, from the folder of the modules. */
  entry(name: string): string;
}

const builtEntry = (name: string) => `../../npm/esm/${name}.js`;
const config = fileURLToPath(new URL(CONFIG_FILE[currentRegistry()], ROOT));

const SUBJECTS: Readonly<Record<string, Subject>> = {
  node: { command: ["node"], entry: builtEntry },
  bun: { command: ["bun"], entry: builtEntry },
  deno: {
    command: [Deno.execPath(), "run", "--no-lock", "--no-check", "-A", "--quiet", "-c", config],
    entry: (name) => `../../${name}.ts`,
  },
};

/** Reading extra certificates costs every process of Node the same, many times what is measured here. */
const ENVIRONMENT: Record<string, string> = { NODE_EXTRA_CA_CERTS: "" };

if (import.meta.main) await benchmark();

async function benchmark(): Promise<void> {
  const table: Record<string, Record<string, string>> = {};
  for (const [runtime, subject] of Object.entries(SUBJECTS)) {
    if (!canStart(subject.command[0] ?? "")) continue;
    const times = measure(subject.command, await writeModules(runtime, subject));
    const empty = median(times.get("empty") ?? []);
    table[runtime] = { "empty process": `${empty.toFixed(1)} ms` };
    for (const [name, values] of times) {
      if (name !== "empty") table[runtime][name] = `+${(median(values) - empty).toFixed(1)} ms`;
    }
  }
  console.log(`Medians of ${ROUNDS} processes, in turns`);
  console.table(table);
}

/** Writes one module that imports nothing and one for each entry point. */
async function writeModules(runtime: string, { entry }: Subject): Promise<Map<string, string>> {
  const folder = new URL(".build/bench/", ROOT);
  await Deno.mkdir(folder, { recursive: true });
  const sources = new Map([["empty", ""]]);
  for (const [, name] of entryNames(await readDenoConfig())) sources.set(name, `import "${entry(name)}";\n`);
  const modules = new Map<string, string>();
  for (const [name, source] of sources) {
    const file = fileURLToPath(new URL(`${runtime}_${name}.mjs`, folder));
    await Deno.writeTextFile(file, source);
    modules.set(name, file);
  }
  return modules;
}

function measure([command = "", ...args]: string[], modules: Map<string, string>): Map<string, number[]> {
  const times = new Map<string, number[]>([...modules.keys()].map((name) => [name, []]));
  // The first round fills caches, and does not count.
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [name, file] of modules) {
      const started = performance.now();
      const { success } = new Deno.Command(command, { args: [...args, file], env: ENVIRONMENT }).outputSync();
      if (!success) {
        throw new Error(`${command} ${file} failed: build the package first (deno task build:npm)`);
      }
      if (round > 0) times.get(name)?.push(performance.now() - started);
    }
  }
  return times;
}

function canStart(command: string): boolean {
  try {
    return new Deno.Command(command, { args: ["--version"], stdout: "null", stderr: "null" }).outputSync()
      .success;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    console.log(`${command} is not installed: left out`);
    return false;
  }
}
