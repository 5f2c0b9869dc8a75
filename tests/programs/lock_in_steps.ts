/**
 * Takes and releases the lock of a credential file, and stops before a step: `lock_in_steps PATH STEP`. It names that
 * step, continues once someone opens the FIFO `PATH.go`, if there is one, and writes `released` at the end. It fails if
 * it meets another holder.
 *
 * @module
 */
import { closeSync, existsSync, openSync, writeSync } from "node:fs";
import process from "node:process";
import { loadRuntime } from "../doors/runtime.ts";
import { holdLock } from "../harness/hold_lock.ts";
import { stepwiseRuntime } from "../harness/stepwise_runtime.ts";

const [path = "", step] = process.argv.slice(2);
let stepsLeft = Number(step);
const runtime = stepwiseRuntime(await loadRuntime(), {
  isLast(step) {
    if (--stepsLeft !== 0) return false;
    say(`before: ${step}`);
    standStill();
    return false;
  },
  stop: () => new Promise(() => {}),
});
await holdLock({ runtime, path });
say("released");

/** Blocks: nothing else of this process goes on, either. */
function standStill(): void {
  const gate = `${path}.go`;
  if (existsSync(gate)) closeSync(openSync(gate, "r"));
  else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

function say(line: string): void {
  writeSync(1, `${line}\n`);
}
