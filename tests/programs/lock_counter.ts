/**
 * Repeatedly adds one to a number in a file, under the lock of that file: `lock_counter PATH TIMES`. It writes `+` each
 * time. Meanwhile a marker contains its process ID. If it finds another marker, which must be that of a killed process,
 * it records the ID in `PATH.left`; if its own marker was replaced, it records its own ID in `PATH.overtaken`.
 *
 * @module
 */
import { appendFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import process from "node:process";
import { setImmediate } from "node:timers";
import { loadRuntime } from "../doors/runtime.ts";
import { credentialLock } from "../doors/storage.ts";

/** Enough turns for another process to do everything that it does under the lock. */
const TURNS = 20;

const [path = "", times = ""] = process.argv.slice(2);
const marker = `${path}.marker`;
const lock = credentialLock({ runtime: await loadRuntime(), path });

for (let i = 0; i < Number(times); i++) {
  await lock.withLock(async (held) => {
    if (existsSync(marker)) appendFileSync(`${path}.left`, `${readFileSync(marker, "utf8")}\n`);
    replace(marker, `${process.pid}`);
    const count = Number(readFileSync(path, "utf8"));
    for (let turn = 0; turn < TURNS; turn++) await new Promise((resolve) => setImmediate(resolve));
    if (!await held.isStillHeld()) throw new Error("The lock was lost");
    replace(path, `${count + 1}`);
    process.stdout.write("+");
    if (readFileSync(marker, "utf8") !== `${process.pid}`) {
      appendFileSync(`${path}.overtaken`, `${process.pid}\n`);
    }
    rmSync(marker);
  }, { signal: new AbortController().signal });
}

/** Writes a file whole or not at all: a process may be killed at any moment. */
function replace(file: string, text: string): void {
  writeFileSync(`${file}.${process.pid}`, text);
  renameSync(`${file}.${process.pid}`, file);
}
