/** A value, or a promise of it. */
export type Awaitable<T> = T | Promise<T>;

/** How long, at the least and at the most, what came before the time was over may still be read, in milliseconds. */
const MIN_GRACE_MS = 25;
const MAX_GRACE_MS = 2_000;

/** How late the end of that must be to show that the process was suspended in it, in milliseconds. */
const LATE_MS = 1_000;

/** Timers take 31 bits of milliseconds, and fire at once beyond. */
export const MAX_TIMER_MS: number = 2 ** 31 - 1;

/**
 * Calls a function when a time is over, in milliseconds; returns how to stop that. A process that was suspended finds
 * the time over and an answer waiting: it may read that first, as a thrown away answer to a refresh costs the session.
 */
export function startDeadline(timeoutMs: number, onOver: () => void): () => void {
  let timer: ReturnType<typeof setTimeout>;
  const wait = (durationMs: number, then: (lateMs: number) => void) => {
    const dueAt = performance.now() + durationMs;
    timer = setTimeout(() => then(performance.now() - dueAt), durationMs);
  };
  const grant = (lateMs: number) => {
    const graceMs = Math.min(Math.max(lateMs, MIN_GRACE_MS), MAX_GRACE_MS);
    wait(graceMs, (late) => late > LATE_MS ? grant(late) : onOver());
  };
  wait(Math.min(timeoutMs, MAX_TIMER_MS), grant);
  return () => clearTimeout(timer);
}

/** Resolves after a time, in milliseconds, of at most 24 days. An abort rejects with the signal's reason. */
export function delay(durationMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, Math.min(durationMs, MAX_TIMER_MS));
    signal.addEventListener("abort", stop, { once: true });
  });
}
