import { existsSync } from "node:fs";

/** A timer of this length or longer is a deadline, in milliseconds. */
const SHORTEST_MS = 1_000;

/** Timers take no more. */
const FOREVER_MS = 2 ** 31 - 1;

const LOOK_MS = 5;

/** The file whose presence means that a deadline is over, on time or so many milliseconds late. */
export type DeadlineEnd = string | { file: string; lateMs: number };

/**
 * Takes the deadlines of this process from the clock: on a busy machine a program must not run into one that it never meets
 * elsewhere, and no test should wait for one.
 *
 * @param ends What ends deadlines, by their lengths in milliseconds. Others never come.
 */
export function holdDeadlines(ends: Readonly<Record<number, DeadlineEnd>> = {}): void {
  const { setTimeout, setInterval, clearInterval } = globalThis;
  const now = performance.now.bind(performance);
  let passedMs = 0;
  performance.now = () => now() + passedMs;

  const hold = (callback: (...args: unknown[]) => void, durationMs = 0, ...args: unknown[]) => {
    if (durationMs < SHORTEST_MS) return setTimeout(callback, durationMs, ...args);
    const end = ends[durationMs];
    if (end === undefined) return setTimeout(callback, FOREVER_MS, ...args);
    const { file, lateMs } = typeof end === "string" ? { file: end, lateMs: 0 } : end;
    const dueAt = performance.now() + durationMs;
    const timer = setInterval(() => {
      if (!existsSync(file)) return;
      clearInterval(timer);
      passedMs += Math.max(dueAt - performance.now(), 0) + lateMs;
      callback(...args);
    }, LOOK_MS);
    return timer;
  };
  Object.assign(globalThis, { setTimeout: hold });
}
