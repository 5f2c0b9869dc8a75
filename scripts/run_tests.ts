/**
 * Runs the tests on Deno (the source), Node and Bun (the built and packed npm package) and workerd (the server half).
 *
 *     deno task test                    each test where what it promises can differ
 *     deno task test --all              each test wherever it can run
 *     deno task test PATH…              these tests, on Deno
 *     deno task test [PATH…] --runtime deno|node|bun|workerd
 *
 * @module
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { TestSetup } from "../tests/harness/setup.ts";
import { readDenoConfig } from "./deno_config.ts";
import { writeJson } from "./folders.ts";
import { CONFIG_FILE } from "./registry.ts";
import { type Batch, type Durations, type Placement, planBatches } from "./test/batches.ts";
import { WORKSPACE } from "./test/environment.ts";
import { findTests } from "./test/find_tests.ts";
import { readOptions, type TestOptions } from "./test/options.ts";
import { placesOf } from "./test/places.ts";
import { countResults, describeBatch, describeFailures } from "./test/report.ts";
import { type BatchReport, killAll, runBatch } from "./test/run_batch.ts";
import { scanImports } from "./test/scan_imports.ts";

const DURATIONS = new URL("durations.json", WORKSPACE);

/** Tests sometimes wait: one process more than there are processors keeps these busy. */
const AT_ONCE = navigator.hardwareConcurrency + 1;

if (import.meta.main) Deno.exit(await test(readOptions(Deno.args)));

async function test(options: TestOptions): Promise<number> {
  const placements = await placeTests(options);
  const durations = await readDurations();
  const temporaryFolder = await Deno.makeTempDir({ prefix: "cli-auth-" });
  const stop = () => {
    killAll();
    // A program that is just ending may still write into it. What the tests left there has been checked.
    rmSync(temporaryFolder, { recursive: true, force: true, maxRetries: 3 });
  };
  endOnSignals(stop);
  let reports: BatchReport[];
  try {
    reports = await runBatches(planBatches(placements, { ...options, durations }), {
      ...options,
      temporaryFolder,
    });
  } finally {
    stop();
  }
  await writeJson(DURATIONS, Object.assign(durations, ...reports.map((report) => report.durations)));
  describeFailures(reports).forEach((line) => console.log(line));
  const { passed, failed, skipped } = countResults(reports.flatMap(({ results }) => results));
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  // On a machine that installs everything, a skipped test is a promise that nobody checked.
  return failed > 0 || (skipped > 0 && Deno.env.get("CI")) ? 1 : 0;
}

async function placeTests(options: TestOptions): Promise<Placement[]> {
  const { imports } = await readDenoConfig(CONFIG_FILE.npm);
  const placements = await Promise.all((await findTests(options.filters)).map(async (file) => {
    const { modules } = await scanImports([file], imports);
    return placesOf(file, options).map((runtime) => ({
      file,
      runtime,
      needsPackage: runtime !== "deno" || modules.has("tests/harness/setup.ts"),
    }));
  }));
  if (placements.flat().length === 0) throw new TypeError(`None of these tests run on ${options.runtimes}`);
  return placements.flat();
}

async function readDurations(): Promise<Durations> {
  // Without it, or with half a file, the tests only take a little longer.
  return await Deno.readTextFile(DURATIONS).then(JSON.parse).catch(() => ({}));
}

/** Runs the longest batches first, and those that need the package once it is there. */
async function runBatches(
  batches: Batch[],
  { temporaryFolder, isThorough }: Pick<TestOptions, "isThorough"> & { temporaryFolder: string },
): Promise<BatchReport[]> {
  const reports: BatchReport[] = [];
  const ready = batches.filter(({ needsPackage }) => !needsPackage);
  let setup: TestSetup | undefined;
  const prepare = async () => {
    console.log("Building the npm package and bundling the tests");
    const { prepareWorkspace } = await import("./test/workspace.ts");
    setup = await prepareWorkspace();
    ready.push(...batches.filter(({ needsPackage }) => needsPackage));
    ready.sort((a, b) => b.expectedMs - a.expectedMs);
  };
  const prepared = ready.length === batches.length ? undefined : prepare();
  const work = async () => {
    if (ready.length === 0) await prepared;
    const batch = ready.shift();
    if (batch === undefined) return;
    const folder = join(temporaryFolder, String(batches.indexOf(batch)));
    await Deno.mkdir(folder);
    const began = performance.now();
    const report = await runBatch(batch, { setup, temporaryFolder: folder, isThorough });
    console.log(describeBatch(report, performance.now() - began));
    reports.push(report);
    await work();
  };
  // One process less for tests while the package is built.
  await Promise.all([...Array.from({ length: AT_ONCE - 1 }, work), Promise.resolve(prepared).then(work)]);
  return reports;
}

/** The launcher leaves Ctrl-C to this process, and passes on what a supervisor sends. */
function endOnSignals(stop: () => void): void {
  const signals = Deno.build.os === "windows" ? ["SIGINT"] as const : ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) {
    Deno.addSignalListener(signal, () => {
      stop();
      Deno.exit(130);
    });
  }
}
