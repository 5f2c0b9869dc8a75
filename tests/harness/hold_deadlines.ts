import { existsSync, type FSWatcher, watch } from "node:fs";
import { dirname } from "node:path";

/** A timer this long or longer is a deadline. */
const SHORTEST_MS = 1_000;

/** The longest possible timer. */
const FOREVER_MS = 2 ** 31 - 1;

/** The file whose existence ends a deadline, on time or so many milliseconds late. */
export type DeadlineEnd = string | { file: string; lateMs: number };

/**
 * Detaches this process's deadlines from the clock: on a busy machine a program must not hit one that it would not hit
 * elsewhere, and no test should wait for one.
 *
 * @param ends What ends deadlines, by their length in milliseconds. The others never end.
 */
export function holdDeadlines(ends: Readonly<Record<number, DeadlineEnd>> = {}): void {
  const { setTimeout, clearTimeout } = globalThis;
  const now = performance.now.bind(performance);
  const watchers = new Map<unknown, FSWatcher>();
  let passedMs = 0;
  performance.now = () => now() + passedMs;

  const hold = (callback: (...args: unknown[]) => void, durationMs = 0, ...args: unknown[]) => {
    if (durationMs < SHORTEST_MS) return setTimeout(callback, durationMs, ...args);
    const timer = setTimeout(callback, FOREVER_MS, ...args);
    const end = ends[durationMs];
    if (end === undefined) return timer;
    const { file, lateMs } = typeof end === "string" ? { file: end, lateMs: 0 } : end;
    const dueAt = performance.now() + durationMs;
    const look = () => {
      if (!watchers.has(timer) || !existsSync(file)) return;
      clear(timer);
      passedMs += Math.max(dueAt - performance.now(), 0) + lateMs;
      callback(...args);
    };
    watchers.set(timer, watch(dirname(file), look));
    setTimeout(look);
    return timer;
  };
  const clear = (timer: Parameters<typeof clearTimeout>[0]) => {
    watchers.get(timer)?.close();
    watchers.delete(timer);
    clearTimeout(timer);
  };
  Object.assign(globalThis, { setTimeout: hold, clearTimeout: clear });
}
