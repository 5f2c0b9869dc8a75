/**
 * Holds the lock of a credential file: `lock_holder PATH [--held-clock]`. It writes `waits` when it is connected to
 * another holder and `held` when it holds the lock, releases it at the end of its standard input, and then simply ends:
 * nothing may keep it alive.
 *
 * Lines on its standard input: `pass MS` lets time pass on a held clock, after which it writes how often it has done
 * so; `give up` aborts its wait, and it writes `gave up`.
 *
 * @module
 */
import process from "node:process";
import { createInterface } from "node:readline";
import { loadRuntime, type Tcp } from "../doors/runtime.ts";
import { credentialLock } from "../doors/storage.ts";
import { installFakeClock } from "../harness/fake_clock.ts";

/** The shortest timer on a held clock: the pause between two looks at a holder. */
const SHORTEST_MS = 250;

const [path = "", ...flags] = process.argv.slice(2);
const clock = flags.includes("--held-clock")
  ? installFakeClock((durationMs) => durationMs >= SHORTEST_MS)
  : undefined;
// Later on, Deno opens files for signals by itself, and panics if it cannot: it has them from now on.
const ignore = () => {};
process.on("SIGUSR2", ignore).off("SIGUSR2", ignore);

const real = await loadRuntime();
const connect: Tcp["connect"] = async (...args) => {
  const connection = await real.tcp.connect(...args);
  say("waits");
  return connection;
};
const stop = new AbortController();
let passes = 0;
const input = createInterface({ input: process.stdin });
const inputEnded = new Promise((resolve) => input.once("close", resolve));
input.on("line", async (line) => {
  if (line === "give up") return stop.abort(new Error("too late"));
  await clock?.advance(Number(line.replace("pass ", "")));
  say(`passed ${++passes} times`);
});

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
