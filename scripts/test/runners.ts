import { fileURLToPath } from "node:url";
import type { TestSetup } from "../../tests/harness/setup.ts";
import { ROOT } from "../deno_config.ts";
import { testEnvironment } from "./environment.ts";
import type { TestFiles } from "./find_tests.ts";
import { readJunit, type TestResult } from "./junit.ts";
import { type ProcessResult, runProcess } from "./run_process.ts";
import { runWorkerd } from "./workerd.ts";
import { BUNDLES, WORKSPACE } from "./workspace.ts";

/** What the tests of one runtime came to. */
export interface RuntimeReport {
  runtime: string;
  results: TestResult[];
  /** What a reader should know besides. */
  note?: string;
}

/** The runtimes that tests run on. */
export const RUNTIMES = ["deno", "node", "bun", "workerd"] as const;

/** One of {@linkcode RUNTIMES}. */
export type TestRuntime = typeof RUNTIMES[number];

/** Tests that run on a runtime, one after the other. */
export interface TestRun {
  name: string;
  runtime: TestRuntime;
  /** What they come to, once for each way that they run. */
  run(files: TestFiles, setup: TestSetup): Promise<RuntimeReport[]>;
}

/** The runs, the longest first: where some go on side by side, the last to end shall not be one that began late. */
export const RUNS: readonly TestRun[] = [
  withRunner("deno", "deno", denoRunner(({ everywhere }) => everywhere)),
  withRunner("node", "node", {
    files: ({ everywhere }) => bundled(BUNDLES.node, everywhere),
    args: (_, junit) => [
      "--test",
      // A file that something keeps alive would hold up the run for ever.
      "--test-timeout=300000",
      ...["--test-reporter=spec", "--test-reporter-destination=stdout"],
      ...["--test-reporter=junit", `--test-reporter-destination=${junit}`],
    ],
    cwd: WORKSPACE,
  }),
  withRunner("deno-once", "deno", denoRunner(({ once }) => once)),
  withRunner("bun", "bun", {
    files: ({ everywhere }) => bundled(BUNDLES.bun, everywhere),
    args: (_, junit) => ["test", "--timeout=300000", "--reporter=junit", `--reporter-outfile=${junit}`],
    cwd: WORKSPACE,
  }),
  { name: "workerd", runtime: "workerd", run: ({ server }) => runWorkerd(server) },
];

/** How tests are run by the test runner of their runtime. */
interface Runner {
  files(files: TestFiles): string[];
  args(setup: TestSetup, junit: string): string[];
  cwd: URL;
}

function denoRunner(files: Runner["files"]): Runner {
  return {
    files,
    args: ({ denoConfig }, junit) => [
      ...["test", "-A", "--no-lock", "--no-check", "-c", denoConfig, `--junit-path=${junit}`],
    ],
    cwd: ROOT,
  };
}

function withRunner(
  name: string,
  runtime: Exclude<TestRuntime, "workerd">,
  { cwd, ...runner }: Runner,
): TestRun {
  const run: TestRun["run"] = async (files, setup) => {
    const paths = runner.files(files);
    if (paths.length === 0) return [];
    const junit = new URL(`${name}.xml`, WORKSPACE);
    await Deno.writeTextFile(junit, "");
    const args = [...runner.args(setup, fileURLToPath(junit)), ...paths];
    const log = new URL(`${name}.log`, WORKSPACE);
    const ended = await runProcess(setup[runtime], { args, cwd, env: testEnvironment(setup), log });
    return [{ runtime: name, results: withCrash(readJunit(await Deno.readTextFile(junit)), ended) }];
  };
  return { name, runtime, run };
}

/** A file that cannot be loaded, a crash or a time-out leaves no failed test behind: it becomes one. */
function withCrash(results: TestResult[], { code, output }: ProcessResult): TestResult[] {
  if (results.some(({ outcome }) => outcome === "failed")) return results;
  const crash = (name: string): TestResult => ({ name, outcome: "failed", message: output });
  if (code !== 0) return [...results, crash(`the test runner ended with exit code ${code}`)];
  return results.length === 0 ? [crash("the test runner ran no test")] : results;
}

function bundled(folder: URL, sources: string[]): string[] {
  return sources.map((file) => fileURLToPath(new URL(file.replace(/\.ts$/, ".js"), folder)));
}
