/**
 * Holds the lock of a credential file: `lock_holder PATH`. It writes `waits` when it is connected to another holder, `held`
 * when it holds the lock, lets go at the end of its standard input, and then just ends: nothing may keep it. A line on its
 * standard input before it holds the lock is the end of its patience: it writes `gave up`.
 *
 * @module
 */
import process from "node:process";
import { loadRuntime, type Tcp } from "../doors/runtime.ts";
import { credentialLock } from "../doors/storage.ts";

const [path = ""] = process.argv.slice(2);
const real = await loadRuntime();
const connect: Tcp["connect"] = async (...args) => {
  const connection = await real.tcp.connect(...args);
  say("waits");
  return connection;
};
const stop = new AbortController();
const inputEnded = new Promise((resolve) => process.stdin.once("end", resolve));
process.stdin.once("data", () => stop.abort(new Error("too late")));

try {
  const runtime = { ...real, tcp: { ...real.tcp, connect } };
  await credentialLock({ runtime, path }).withLock(async () => {
    say("held");
    await inputEnded;
  }, { signal: stop.signal });
  say("released");
} catch (error) {
  if (error !== stop.signal.reason) throw error;
  say("gave up");
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
