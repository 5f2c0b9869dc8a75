import { fileURLToPath } from "node:url";
import type { TestSetup } from "../../tests/harness/setup.ts";
import { readDenoConfig } from "../deno_config.ts";
import { emptyFolder } from "../folders.ts";
import { CONFIG_FILE } from "../registry.ts";
import { bundle } from "../test/bundle.ts";
import { testEnvironment } from "../test/environment.ts";
import { runProcess } from "../test/run_process.ts";
import { BUN_BDD } from "../test/workspace.ts";
import { countedSources, WRITE_AFTER_TESTS } from "./counted_sources.ts";
import { bundleFolder, countsFolder, logFile } from "./portions.ts";

/** The runtimes whose tests are bundled. */
export type BundledRuntime = "node" | "bun";

const PRELOADED = "write_after_tests.js";

const ARGUMENTS: Record<BundledRuntime, string[]> = {
  node: ["--test", "--test-timeout=300000"],
  bun: ["test", "--timeout=300000", `--preload=./${PRELOADED}`],
};

/**
 * Runs tests on Node or Bun, with sources that count, and keeps what they and the programs that they start ran.
 *
 * @param runtime The runtime.
 * @param files The tests and the programs.
 * @param setup What was prepared for them.
 * @returns Whether all passed.
 */
export async function measureBundled(
  runtime: BundledRuntime,
  { tests, programs }: { tests: string[]; programs: string[] },
  setup: TestSetup,
): Promise<boolean> {
  const counts = countsFolder(runtime);
  const [testBundles, programBundles] = [bundleFolder(runtime), bundleFolder(`${runtime}-programs`)];
  for (const folder of [counts, testBundles, programBundles]) await emptyFolder(folder);
  const options = { imports: await importsOfSources(), plugins: countedSources(counts) };
  await bundle({ ...options, sources: tests, to: testBundles, ...(runtime === "bun" && { bdd: BUN_BDD }) });
  await bundle({ ...options, sources: programs, to: programBundles });
  await Deno.writeTextFile(new URL(PRELOADED, testBundles), WRITE_AFTER_TESTS);
  const paths = tests.map((file) => fileURLToPath(new URL(file.replace(/\.ts$/, ".js"), testBundles)));
  const { code } = await runProcess(setup[runtime], {
    args: [...ARGUMENTS[runtime], ...paths],
    cwd: testBundles,
    env: testEnvironment({
      ...setup,
      programs: fileURLToPath(new URL("tests/programs/", programBundles)),
    }),
    log: logFile(runtime),
  });
  return code === 0;
}

/** The import map with this package by its sources: those of the built one do not count. */
async function importsOfSources(): Promise<Record<string, string>> {
  const { name, exports, imports } = await readDenoConfig(CONFIG_FILE.npm);
  const own = Object.entries(exports).map(([subpath, file]) => [name + subpath.slice(1), file]);
  return { ...imports, ...Object.fromEntries(own) };
}
