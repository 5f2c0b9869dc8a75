/**
 * Measures which lines and branches of src the tests run: on Deno, and the adapters of Node and Bun on these.
 *
 *     deno task coverage [PORTION]…
 *
 * A portion is a folder of tests, such as `core`, or `node`, or `bun`. Those that are not named are not run again: what
 * they came to before still counts, as long as src is the same. Without any, all are run.
 *
 * @module
 */
import { type BundledRuntime, measureBundled } from "./coverage/bundle_coverage.ts";
import { countUnloaded } from "./coverage/counted_sources.ts";
import { measureOnDeno, readDenoCoverage } from "./coverage/deno_coverage.ts";
import type { FileCoverage } from "./coverage/file_coverage.ts";
import { readIstanbulCounts } from "./coverage/istanbul_counts.ts";
import { listCounts, logFile } from "./coverage/portions.ts";
import { describeCoverage, reachesMark } from "./coverage/report.ts";
import { listSources } from "./list_sources.ts";
import { findTests, type TestFiles } from "./test/find_tests.ts";
import { prepareWorkspace } from "./test/workspace.ts";

/** What tests nothing of src: the repository itself and its tools. */
const LEFT_OUT = ["bench", "repository"];

/** What does not run on Deno, by the runtime that counts it; all else is counted on Deno. */
const ADAPTERS: Readonly<Record<BundledRuntime, RegExp>> = {
  node: /^src\/runtime\/(?:node[./]|local_socket\.ts$)/,
  bun: /^src\/runtime\/bun[./]/,
};
const RUNTIMES = Object.keys(ADAPTERS) as BundledRuntime[];

/** The tests that are made for the adapters. */
const ADAPTER_TESTS = /^tests\/(?:runtime|storage)\//;

if (import.meta.main) Deno.exit(await measure(Deno.args));

async function measure(wanted: string[]): Promise<number> {
  const files = await findTests([]);
  const folders = groupByFolder(files);
  const known = [...folders.keys(), ...RUNTIMES];
  for (const name of wanted) {
    if (!known.includes(name)) throw new TypeError(`Cannot measure '${name}': known are ${known.join(", ")}`);
  }
  console.log("Building the npm package and bundling the tests");
  const setup = await prepareWorkspace(files);
  const failed: string[] = [];
  for (const name of wanted.length === 0 ? known : wanted) {
    console.log(`Running ${name}; what the runner writes is in ${logFile(name).pathname}`);
    const tests = folders.get(name);
    const passed = tests === undefined
      ? await measureBundled(name as BundledRuntime, adapterTests(files), setup)
      : await measureOnDeno(name, tests, setup);
    if (!passed) failed.push(name);
  }
  const coverage = await readCoverage([...folders.keys()]);
  for (const line of describeCoverage(coverage)) console.log(line);
  if (failed.length > 0) console.log(`Tests failed: ${failed.join(", ")}`);
  return failed.length === 0 && reachesMark(coverage) ? 0 : 1;
}

function groupByFolder({ everywhere, once }: TestFiles): Map<string, string[]> {
  const folders = Map.groupBy([...everywhere, ...once], (file) => file.split("/")[1]!);
  for (const name of LEFT_OUT) folders.delete(name);
  return folders;
}

function adapterTests({ everywhere, programs }: TestFiles): { tests: string[]; programs: string[] } {
  return { tests: everywhere.filter((file) => ADAPTER_TESTS.test(file)), programs };
}

async function readCoverage(portions: string[]): Promise<FileCoverage[]> {
  const isAdapter = (file: string) => RUNTIMES.some((runtime) => ADAPTERS[runtime].test(file));
  const coverage = (await readDenoCoverage(portions)).filter(({ file }) => !isAdapter(file));
  for (const runtime of RUNTIMES) {
    const written = await Promise.all((await listCounts(runtime)).map((file) => Deno.readTextFile(file)));
    const counted = readIstanbulCounts(written.map((text) => JSON.parse(text)));
    coverage.push(...counted.filter(({ file }) => ADAPTERS[runtime].test(file)));
  }
  const unloaded = (await listSources(["src"])).filter((path) => !coverage.some(({ file }) => file === path));
  coverage.push(...await Promise.all(unloaded.map(countUnloaded)));
  return coverage.sort((a, b) => a.file < b.file ? -1 : 1);
}
