/**
 * Runs test files one after another in this process: sources on Deno, bundles on Node and Bun.
 *
 *     run_files REPORT FILE…
 *
 * The process ends by itself, which shows that the tests left nothing that keeps it alive.
 *
 * @module
 */
import { appendFileSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { extname, resolve } from "node:path";
import process from "node:process";
import { setTimeout } from "node:timers";
import { pathToFileURL } from "node:url";
import { failedTest, runFile, type TestResult } from "./collected_bdd.ts";

/** A report of a process that runs test files, one line of JSON each. */
export type TestEvent =
  /** The tests of a file start. */
  | { file: string }
  /** A test starts. */
  | { test: string }
  /** A test ended. */
  | { result: TestResult }
  /** The tests of the file ended. */
  | { durationMs: number }
  /** A file cannot run there. */
  | { unfit: string }
  /** All files ended. */
  | { done: true };

/** What Miniflare removes when the process ends. */
const KEPT = /^miniflare-/;

/** How long the process may take to end after all tests. */
const GRACE_MS = 30_000;

// Tests replace these.
const { performance } = globalThis;
const temporaryFolder = tmpdir();
const [, script = "", report = "", ...files] = process.argv;
const root = resolve(script, "../../..");

function write(event: TestEvent): void {
  appendFileSync(report, JSON.stringify(event) + "\n");
}

let running = "";
for (const event of ["unhandledRejection", "uncaughtException"]) {
  process.on(event, (error: unknown) => write({ result: failedTest(`${running} (${event})`, error) }));
}

const left = new Set(readdirSync(temporaryFolder));
for (const file of files) {
  write({ file });
  running = "the file is loaded";
  const began = performance.now();
  const module = resolve(root, file.replace(/\.ts$/, extname(script)));
  await runFile(() => import(pathToFileURL(module).href), {
    started: (test) => write({ test: running = test }),
    ended: (result) => write({ result }),
  });
  const entries = readdirSync(temporaryFolder).filter((name) => !left.has(name) && !KEPT.test(name));
  if (entries.length > 0) {
    entries.forEach((name) => left.add(name));
    const some = entries.slice(0, 3).join(", ");
    const message = `${entries.length} left in the temporary folder: ${some}${
      entries.length > 3 ? ", …" : ""
    }`;
    write({ result: { name: "cleans up", outcome: "failed", message } });
  }
  write({ durationMs: performance.now() - began });
}
write({ done: true });
setTimeout(() => {
  const message = "something that the tests began keeps the process alive";
  write({ result: { name: "ends", outcome: "failed", message } });
  process.exit(1);
}, GRACE_MS).unref();
