/** How late a timer must be to show that the process was suspended, in milliseconds. */
const LATE_MS = 1_000;

/** How long a process that was suspended has to read what came meanwhile, in milliseconds. */
const GRACE_MS = 2_000;

/** Timers take 31 bits of milliseconds, and fire at once beyond. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Calls a function when a time is over, in milliseconds; returns how to stop that. A process that was suspended finds
 * the time over and an answer waiting: it has a moment to read it, as a thrown away answer to a refresh costs the
 * session.
 */
export function startDeadline(timeoutMs: number, onOver: () => void): () => void {
  let timer: ReturnType<typeof setTimeout>;
  const start = (durationMs: number) => {
    const dueAt = performance.now() + durationMs;
    const end = () => performance.now() > dueAt + LATE_MS ? start(GRACE_MS) : onOver();
    timer = setTimeout(end, durationMs);
  };
  start(Math.min(timeoutMs, MAX_TIMER_MS));
  return () => clearTimeout(timer);
}
