import { assertEquals } from "@std/assert";
import { afterEach, beforeEach, describe } from "@std/testing/bdd";
import { execFileSync } from "node:child_process";
import { mkdir, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { loadRuntime } from "../doors/runtime.ts";
import { canRunOn, OWN_RUNTIME, type Program, startProgram } from "../harness/program.ts";
import { allOf, itWith, unlessWindows } from "../harness/requirement.ts";
import { holdLock } from "../harness/hold_lock.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";

const RUNNABLE = canRunOn(OWN_RUNTIME);
const SUSPENSION = allOf(RUNNABLE, unlessWindows("signal that suspends a process"));

/** All file changes of a holder: as it takes the lock, tidies up and lets go. */
const STEPS = [
  ...["make a folder", "create", "write the other half", "link"],
  ...["create", "write the other half", "rename", "remove", "remove", "remove"],
];

let folder: TemporaryFolder;
let path: string;
let programs: Program[];
beforeEach(async () => {
  folder = await makeTemporaryFolder();
  path = join(folder.path, "credentials.json");
  programs = [];
});
afterEach(async () => {
  for (const { child } of programs) child.kill("SIGKILL");
  await Promise.all(programs.map(({ ended }) => ended));
  await folder.remove();
});

/** Prepares for the next holder to tidy up: it finds one old number and one leftover. */
async function leaveOldFiles(): Promise<void> {
  for (const left of [`${path}.lock`, `${path}.go`]) await rm(left, { recursive: true, force: true });
  await mkdir(`${path}.lock`);
  const claim = JSON.stringify({ port: 1, nonce: "gone", host: null });
  for (const name of ["1", "63"]) await writeFile(join(`${path}.lock`, name), claim);
  await writeFile(join(`${path}.lock`, "killed.live"), claim);
  await utimes(join(`${path}.lock`, "killed.live"), 1, 1);
}

/** Takes the lock in this process and lets go; the first of two things that come of it is told. */
function takeLock(): { first: Promise<"waits" | "released">; ended: Promise<void> } {
  let onWaiting = () => {};
  const waits = new Promise<"waits">((resolve) => onWaiting = () => resolve("waits"));
  const ended = loadRuntime().then((runtime) => holdLock({ runtime, path, onWaiting }));
  return { first: Promise.race([waits, ended.then(() => "released" as const)]), ended };
}

/** Starts a process that stands still before a step. Returns the name of the step, if there is one. */
async function stopBefore(step: number): Promise<[Program, string | undefined]> {
  const program = startProgram("lock_in_steps", { args: [path, String(step)] });
  programs.push(program);
  const [, name] = await program.waitForOutput(/before: (.*)\n|released/);
  return [program, name];
}

describe("the lock", () => {
  itWith(RUNNABLE, "is free at once if a process was killed at any step", async () => {
    for (const [index, step] of STEPS.entries()) {
      await leaveOldFiles();
      const [killed, name] = await stopBefore(index + 1);
      killed.child.kill("SIGKILL");
      assertEquals([name, (await killed.ended).signal], [step, "SIGKILL"]);
      assertEquals([step, await takeLock().first], [step, "released"]);
    }
    assertEquals((await stopBefore(STEPS.length + 1))[1], undefined);
  });

  itWith(SUSPENSION, "has one holder at a time if a process is suspended at any step", async () => {
    for (const [index, step] of STEPS.entries()) {
      await leaveOldFiles();
      execFileSync("mkfifo", [`${path}.go`]);
      const [{ child, ended }, name] = await stopBefore(index + 1);
      assertEquals(name, step);
      process.kill(child.pid!, "SIGSTOP");
      const isHolder = index > STEPS.indexOf("link");
      const other = takeLock();
      assertEquals([step, await other.first], [step, isHolder ? "waits" : "released"]);
      process.kill(child.pid!, "SIGCONT");
      const [{ code, stderr }] = await Promise.all([ended, other.ended, writeFile(`${path}.go`, "")]);
      assertEquals([code, stderr], [0, ""]);
    }
  });
});
