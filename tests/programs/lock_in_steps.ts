/**
 * Takes the lock of a credential file and lets go, and sends itself a signal before it takes a step: `lock_in_steps PATH
 * STEP SIGNAL`. It names that step, writes `waits` when it is connected to another holder, `held` and `released`. After a
 * signal that suspends it goes on with that step. It fails when it meets another holder.
 *
 * @module
 */
import { existsSync, rmSync, writeFileSync, writeSync } from "node:fs";
import process from "node:process";
import { loadRuntime, type Tcp } from "../doors/runtime.ts";
import { credentialLock } from "../doors/storage.ts";
import { stepwiseRuntime } from "../harness/stepwise_runtime.ts";

const [path = "", step, signal] = process.argv.slice(2);
const marker = `${path}.marker`;
let stepsLeft = Number(step);
const real = await loadRuntime();
const connect: Tcp["connect"] = async (...args) => {
  const connection = await real.tcp.connect(...args);
  say("waits");
  return connection;
};
const runtime = stepwiseRuntime({ ...real, tcp: { ...real.tcp, connect } }, {
  isLast(step) {
    if (--stepsLeft !== 0) return false;
    say(`signalled before: ${step}`);
    process.kill(process.pid, signal);
    return false;
  },
  stop: () => new Promise(() => {}),
});
await credentialLock({ runtime, path }).withLock(async (held) => {
  say("held");
  if (existsSync(marker)) throw new Error("There is another holder");
  writeFileSync(marker, "");
  if (!await held.isStillHeld()) throw new Error("The lock was lost");
  rmSync(marker);
}, { signal: AbortSignal.timeout(120_000) });
say("released");

function say(line: string): void {
  writeSync(1, `${line}\n`);
}
