import { existsSync } from "node:fs";

/** A timer of this length or longer is a deadline, in milliseconds. */
const SHORTEST_MS = 1_000;

/** Timers take no more. */
const FOREVER_MS = 2 ** 31 - 1;

const LOOK_MS = 5;

/**
 * Takes the deadlines of this process from the clock: on a busy machine a program must not run into one that it never meets
 * elsewhere, and no test should wait for one.
 *
 * @param files By the lengths of deadlines, in milliseconds: the files whose presence means that they are over. Other
 * deadlines never come.
 */
export function holdDeadlines(files: Readonly<Record<number, string>> = {}): void {
  const { setTimeout, setInterval, clearInterval } = globalThis;
  const now = performance.now.bind(performance);
  let passedMs = 0;
  performance.now = () => now() + passedMs;

  const hold = (callback: (...args: unknown[]) => void, durationMs = 0, ...args: unknown[]) => {
    if (durationMs < SHORTEST_MS) return setTimeout(callback, durationMs, ...args);
    const file = files[durationMs];
    if (file === undefined) return setTimeout(callback, FOREVER_MS, ...args);
    const timer = setInterval(() => {
      if (!existsSync(file)) return;
      clearInterval(timer);
      passedMs += durationMs;
      callback(...args);
    }, LOOK_MS);
    return timer;
  };
  Object.assign(globalThis, { setTimeout: hold });
}
