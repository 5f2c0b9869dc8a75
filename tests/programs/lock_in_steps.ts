/**
 * Takes the lock of a credential file and lets go, and stands still before it takes a step: `lock_in_steps PATH STEP`. It names
 * that step, goes on once there is a file `PATH.go`, and writes `released` in the end. It fails when it meets another holder.
 *
 * @module
 */
import { existsSync, writeSync } from "node:fs";
import process from "node:process";
import { loadRuntime } from "../doors/runtime.ts";
import { holdLock } from "../harness/hold_lock.ts";
import { stepwiseRuntime } from "../harness/stepwise_runtime.ts";

const LOOK_MS = 5;

const [path = "", step] = process.argv.slice(2);
let stepsLeft = Number(step);
const runtime = stepwiseRuntime(await loadRuntime(), {
  isLast(step) {
    if (--stepsLeft !== 0) return false;
    say(`before: ${step}`);
    // Blocks: nothing else of this process goes on, either.
    while (!existsSync(`${path}.go`)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOOK_MS);
    return false;
  },
  stop: () => new Promise(() => {}),
});
await holdLock({ runtime, path });
say("released");

function say(line: string): void {
  writeSync(1, `${line}\n`);
}
