import { fileURLToPath } from "node:url";
import { ROOT } from "../deno_config.ts";
import { chosenRegistry, CONFIG_FILE, REGISTRY_VARIABLE } from "../registry.ts";
import { SETUP_VARIABLE, type TestSetup } from "../../tests/harness/setup.ts";
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

/** Runs the tests on each runtime. */
export const RUNNERS: Readonly<Record<TestRuntime, (files: TestFiles) => Promise<RuntimeReport[]>>> = {
  async deno({ everywhere, repository }) {
    const files = [...everywhere, ...repository];
    const args = (
      junit: string,
    ) => ["test", "-A", "--no-lock", "-c", denoConfig(), `--junit-path=${junit}`, ...files];
    return [
      await report(
        "deno",
        files,
        (junit) => runProcess(Deno.execPath(), args(junit), { cwd: ROOT, env: env() }),
      ),
    ];
  },
  async node({ everywhere }) {
    const files = bundled(BUNDLES.node, everywhere);
    const reporters = (junit: string) => [
      ...["--test-reporter=spec", "--test-reporter-destination=stdout"],
      ...["--test-reporter=junit", `--test-reporter-destination=${junit}`],
    ];
    const args = (junit: string) => ["--test", ...reporters(junit), ...files];
    return [
      await report("node", files, (junit) => runProcess("node", args(junit), { cwd: WORKSPACE, env: env() })),
    ];
  },
  async bun({ everywhere }) {
    const files = bundled(BUNDLES.bun, everywhere);
    const args = (
      junit: string,
    ) => ["test", "--timeout=60000", "--reporter=junit", `--reporter-outfile=${junit}`, ...files];
    return [
      await report(
        "bun",
        files,
        (junit) => runProcess(bunPath(), args(junit), { cwd: WORKSPACE, env: env() }),
      ),
    ];
  },
  workerd: ({ server }) => runWorkerd(server),
};

type Run = (junit: string) => Promise<ProcessResult>;

async function report(runtime: string, files: string[], run: Run): Promise<RuntimeReport> {
  if (files.length === 0) return { runtime, results: [] };
  const junit = new URL(`${runtime}.xml`, WORKSPACE);
  await Deno.writeTextFile(junit, "");
  const { code, output } = await run(fileURLToPath(junit));
  await Deno.writeTextFile(new URL(`${runtime}.log`, WORKSPACE), output);
  const results = readJunit(await Deno.readTextFile(junit));
  // A file that cannot be loaded, a crash or a time-out leaves no failed test behind.
  if (code !== 0 && !results.some(({ outcome }) => outcome === "failed")) {
    results.push({
      name: `the test runner ended with exit code ${code}`,
      outcome: "failed",
      message: output,
    });
  }
  if (results.length === 0) {
    results.push({ name: "the test runner ran no test", outcome: "failed", message: output });
  }
  return { runtime, results };
}

function bundled(folder: URL, sources: string[]): string[] {
  return sources.map((file) => fileURLToPath(new URL(file.replace(/\.ts$/, ".js"), folder)));
}

function env(): Record<string, string> {
  const setup: TestSetup = {
    deno: Deno.execPath(),
    node: "node",
    bun: bunPath(),
    denoConfig: denoConfig(),
    programs: fileURLToPath(new URL("tests/programs/", BUNDLES.programs)),
  };
  return {
    [SETUP_VARIABLE]: JSON.stringify(setup),
    NO_COLOR: "1",
    // A mistake in a test must not reach the credentials of the person who runs it.
    XDG_CONFIG_HOME: fileURLToPath(new URL("home/", WORKSPACE)),
  };
}

function denoConfig(): string {
  const registry = chosenRegistry(Deno.env.get(REGISTRY_VARIABLE)) ?? "npm";
  return fileURLToPath(new URL(CONFIG_FILE[registry], ROOT));
}

function bunPath(): string {
  return fileURLToPath(new URL("node_modules/.bin/bun", WORKSPACE));
}
