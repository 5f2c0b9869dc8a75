/**
 * Holds the lock of a credential file: `lock_holder PATH [--host NAME] [--timeout MS]`. It writes `held` and the Unix
 * time in milliseconds, lets go at the end of its standard input, and then just ends: nothing may keep it. When the time
 * is over before it holds the lock, it writes `gave up`.
 *
 * @module
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { loadRuntime } from "../doors/runtime.ts";
import { credentialLock } from "../doors/storage.ts";

const { values, positionals: [path = ""] } = parseArgs({
  allowPositionals: true,
  options: { host: { type: "string" }, timeout: { type: "string" } },
});
const real = await loadRuntime();
const runtime = values.host === undefined ? real : { ...real, hostIdentity: () => values.host ?? null };
const stop = new AbortController();
const timer = values.timeout && setTimeout(() => stop.abort(new Error("too late")), Number(values.timeout));

try {
  await credentialLock({ runtime, path }).withLock(async () => {
    clearTimeout(timer || undefined);
    say(`held ${performance.timeOrigin + performance.now()}`);
    await inputEnded();
  }, { signal: stop.signal });
  say("released");
} catch (error) {
  if (error !== stop.signal.reason) throw error;
  say("gave up");
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function inputEnded(): Promise<void> {
  return new Promise((resolve) => process.stdin.resume().once("end", resolve));
}
