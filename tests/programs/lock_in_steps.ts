/**
 * Takes the lock of a credential file and lets go, and sends itself a signal before it takes a step: `lock_in_steps PATH
 * STEP SIGNAL`. It names that step, and writes `released` in the end. After a signal that suspends it goes on with that step.
 * It fails when it meets another holder.
 *
 * @module
 */
import { writeSync } from "node:fs";
import process from "node:process";
import { loadRuntime } from "../doors/runtime.ts";
import { holdLock } from "../harness/hold_lock.ts";
import { stepwiseRuntime } from "../harness/stepwise_runtime.ts";

const [path = "", step, signal] = process.argv.slice(2);
let stepsLeft = Number(step);
const runtime = stepwiseRuntime(await loadRuntime(), {
  isLast(step) {
    if (--stepsLeft !== 0) return false;
    say(`signalled before: ${step}`);
    process.kill(process.pid, signal);
    return false;
  },
  stop: () => new Promise(() => {}),
});
await holdLock({ runtime, path });
say("released");

function say(line: string): void {
  writeSync(1, `${line}\n`);
}
