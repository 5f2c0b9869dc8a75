/**
 * Adds one to a number in a file, again and again, under the lock of that file: `lock_counter PATH TIMES`. It writes `+`
 * for each, and fails when it meets another process that does the same at that moment.
 *
 * @module
 */
import { appendFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { loadRuntime } from "../doors/runtime.ts";
import { credentialLock } from "../doors/storage.ts";

const [path = "", times = ""] = process.argv.slice(2);
const marker = `${path}.marker`;
const lock = credentialLock({ runtime: await loadRuntime(), path });

for (let i = 0; i < Number(times); i++) {
  await lock.withLock(async (held) => {
    await enter();
    const count = Number(readFileSync(path, "utf8"));
    await pause(2);
    if (!await held.isStillHeld()) throw new Error("The lock was lost");
    replace(path, `${count + 1}`);
    process.stdout.write("+");
    leave();
  }, { signal: AbortSignal.timeout(240_000) });
}

/** A marker that is there is that of a process which was killed; one that lives would take it away. */
async function enter(): Promise<void> {
  if (existsSync(marker)) {
    const owner = Number(readFileSync(marker, "utf8"));
    while (isAlive(owner)) await pause(1);
    if (!existsSync(marker)) appendFileSync(`${path}.violations`, `${owner} and ${process.pid}\n`);
  }
  replace(marker, `${process.pid}`);
}

/** Writes a file whole or not at all: a process may be killed at any moment. */
function replace(file: string, text: string): void {
  writeFileSync(`${file}.${process.pid}`, text);
  renameSync(`${file}.${process.pid}`, file);
}

function leave(): void {
  if (Number(readFileSync(marker, "utf8")) !== process.pid) {
    appendFileSync(`${path}.violations`, `${process.pid} was overtaken\n`);
  }
  rmSync(marker);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
