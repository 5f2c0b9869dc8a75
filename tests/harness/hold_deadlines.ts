import { existsSync, type FSWatcher, watch } from "node:fs";
import { dirname } from "node:path";
import process from "node:process";

/** The file whose existence ends a deadline, on time or so many milliseconds late. */
export type DeadlineEnd = string | { file: string; lateMs: number };

/**
 * Has deadlines of this process end when a test says so.
 *
 * @param ends What ends deadlines, by their length in milliseconds.
 */
export function holdDeadlines(ends: Readonly<Record<number, DeadlineEnd>>): void {
  const { setTimeout, clearTimeout } = globalThis;
  const now = performance.now.bind(performance);
  const watchers = new Map<unknown, FSWatcher>();
  let passedMs = 0;
  const time = performance.now = () => now() + passedMs;
  // The clock that Node reads for the same.
  Object.assign(process, { hrtime: () => [Math.floor(time() / 1_000), (time() % 1_000) * 1_000_000] });

  const hold = (callback: (...args: unknown[]) => void, durationMs = 0, ...args: unknown[]) => {
    const timer = setTimeout(callback, durationMs, ...args);
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
