import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, statSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { TestSetup } from "../../tests/harness/setup.ts";
import { readDenoConfig, ROOT } from "../deno_config.ts";
import { CONFIG_FILE, currentRegistry } from "../registry.ts";
import { type Batch, durationKey, type Durations } from "./batches.ts";
import type { TestResult } from "./collected_bdd.ts";
import { BUNDLES, COLLECTOR, testEnvironment, WORKSPACE } from "./environment.ts";
import type { TestEvent } from "./run_files.ts";

/** The result of a test, and its file. */
export interface PlacedResult extends TestResult {
  file: string;
}

/** The result of a batch. */
export interface BatchReport {
  batch: Batch;
  results: PlacedResult[];
  /** Files that cannot run there. */
  unfit: string[];
  durations: Durations;
}

export interface BatchOptions {
  setup: TestSetup | undefined;
  /** The directory for the temporary files of this batch. */
  temporaryFolder: string;
  /** Whether tests of random input try as many cases as are worth waiting for. @default false */
  isThorough?: boolean;
}

/** No test takes a tenth of this on an idle machine. */
const LIMIT_MS = 5 * 60_000;
const LOOKS_EVERY_MS = 5_000;

/** How much output of a process to show if it does not finish. */
const SHOWN_LINES = 40;

/** Output of processes, and their reports of tests. */
const LOGS = new URL("logs/", WORKSPACE);

/** On Windows, processes are found through their parents, while these run. */
const HAS_GROUPS = Deno.build.os !== "windows";

const running = new Set<ChildProcess>();

/** Runs the tests of a batch. */
export async function runBatch(batch: Batch, options: BatchOptions): Promise<BatchReport> {
  const name = batch.name.replaceAll(" ", "_");
  const [events, log] = [new URL(`${name}.jsonl`, LOGS), new URL(`${name}.log`, LOGS)];
  await Deno.mkdir(LOGS, { recursive: true });
  await Deno.writeTextFile(events, "");
  const [command, ...args] = await commandOf(batch, fileURLToPath(events), options.setup);
  const end = await runToEnd(command, args, { ...options, events, log });
  const written = (await Deno.readTextFile(log)).trimEnd().split("\n").slice(-SHOWN_LINES);
  return readReport(batch, await Deno.readTextFile(events), [end, ...written].join("\n"));
}

/** Ends all running batches, with the programs that their tests started. */
export function killAll(): void {
  running.forEach(kill);
}

async function commandOf(
  { runtime, flag = "", files }: Batch,
  events: string,
  setup: TestSetup | undefined,
): Promise<[string, ...string[]]> {
  const script = (name: string, folder = ROOT) => fileURLToPath(new URL(`scripts/test/${name}`, folder));
  if (runtime === "node" || runtime === "bun") {
    return [setup?.[runtime] ?? runtime, script("run_files.js", BUNDLES), events, ...files];
  }
  const config = CONFIG_FILE[currentRegistry()];
  const options = ["-A", "--no-lock", "--no-check", "--quiet", "-c", fileURLToPath(new URL(config, ROOT))];
  if (runtime === "workerd") {
    return [Deno.execPath(), "run", ...options, script("run_in_workerd.ts"), events, flag, ...files];
  }
  const importMap = `--import-map=data:application/json,${encodeURIComponent(await importMapOf(config))}`;
  return [Deno.execPath(), "run", ...options, importMap, script("run_files.ts"), events, ...files];
}

/**
 * Returns the imports of a configuration, with the test collector. A plain map must say which packages have subpaths.
 */
export async function importMapOf(config: string): Promise<string> {
  const { imports } = await readDenoConfig(config);
  const entries = Object.entries({ ...imports, "@std/testing/bdd": COLLECTOR }).flatMap(([name, target]) =>
    target.startsWith(".")
      ? [[name, new URL(target, ROOT).href]]
      : [[name, target], [`${name}/`, `${target.replace(":", ":/")}/`]]
  );
  return JSON.stringify({ imports: Object.fromEntries(entries) });
}

interface ProcessOptions extends BatchOptions {
  /** Grows as long as there is progress. */
  events: URL;
  /** Receives the process's output. */
  log: URL;
}

/** Runs a program in its own group, so that whatever it starts ends with it. */
function runToEnd(
  command: string,
  args: string[],
  { setup, temporaryFolder, isThorough, events, log }: ProcessOptions,
): Promise<string> {
  const output = openSync(log, "w");
  const child = spawn(command, args, {
    cwd: ROOT,
    env: {
      ...Deno.env.toObject(),
      ...testEnvironment(setup, isThorough),
      TMPDIR: temporaryFolder,
      TEMP: temporaryFolder,
      TMP: temporaryFolder,
    },
    stdio: ["ignore", output, output],
    detached: HAS_GROUPS,
  });
  running.add(child);
  return new Promise((resolve, reject) => {
    let stalled = false;
    const watch = setInterval(() => {
      stalled = Date.now() - statSync(events).mtimeMs > LIMIT_MS;
      if (stalled) kill(child);
    }, LOOKS_EVERY_MS);
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      clearInterval(watch);
      running.delete(child);
      closeSync(output);
      if (HAS_GROUPS) kill(child);
      resolve(
        stalled
          ? `was stopped: for ${LIMIT_MS / 60_000} minutes no test began or ended`
          : `the process ended with ${signal ?? `exit code ${code}`}`,
      );
    });
  });
}

/** Reads what a process reported of its tests. If it did not finish, its current test has failed. */
export function readReport(batch: Batch, events: string, end: string): BatchReport {
  const report: BatchReport = { batch, results: [], unfit: [], durations: {} };
  let [file, test, done] = [batch.files[0] ?? "", "is loaded", false];
  for (const line of events.split("\n").filter(Boolean)) {
    const event: TestEvent = JSON.parse(line);
    if ("file" in event) [file, test] = [event.file, "is loaded"];
    else if ("test" in event) test = event.test;
    else if ("result" in event) report.results.push({ file, ...event.result });
    else if ("durationMs" in event) report.durations[durationKey(batch.runtime, file)] = event.durationMs;
    else if ("unfit" in event) report.unfit.push(event.unfit);
    else done = true;
  }
  if (!done) report.results.push({ file, name: test, outcome: "failed", message: end });
  return report;
}

function kill({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  if (!HAS_GROUPS) {
    spawn("taskkill", ["/pid", String(pid), "/t", "/f"]);
    return;
  }
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // The whole group has ended.
  }
}
