import { cancelled } from "./errors.ts";

/** A value or the promise of one. */
export type Awaitable<T> = T | Promise<T>;

/** What ends a task early. */
interface StopOptions {
  /** The caller's signal. */
  signal?: AbortSignal | undefined;
  /**
   * The reason when that aborts, made of its own.
   * @default a `cancelled` error
   */
  cancelled?: (reason: unknown) => unknown;
  /** The deadline, in milliseconds. */
  timeoutMs?: number | undefined;
  /** The reason at the deadline. */
  timedOut?: () => unknown;
  /**
   * How the deadline is timed.
   * @default to the millisecond
   */
  startTimer?: typeof startDeadline;
}

/** A signal for a task, and how to let go of what would abort it. */
interface Stop {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
  /** Lifts the deadline. */
  stopTimer(): void;
  /** Lifts the deadline and no longer listens to the caller. */
  release(): void;
}

/**
 * A signal that aborts when the caller gives up (with a `cancelled` error) or at a deadline, whichever comes first.
 * Call `release()` when the task is over.
 */
export function stopSignal(options: StopOptions): Stop {
  const { signal, timeoutMs, timedOut, startTimer = startExactly } = options;
  const controller = new AbortController();
  const cancel = () =>
    controller.abort(options.cancelled ? options.cancelled(signal?.reason) : cancelled(signal));
  const stopTimer = timeoutMs === undefined
    ? () => {}
    : startTimer(timeoutMs, () => controller.abort(timedOut?.()));
  if (signal?.aborted) cancel();
  signal?.addEventListener("abort", cancel, { once: true });
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    stopTimer,
    release() {
      stopTimer();
      signal?.removeEventListener("abort", cancel);
    },
  };
}

function startExactly(timeoutMs: number, onOver: () => void): () => void {
  const timer = setTimeout(onOver, timeoutMs);
  return () => clearTimeout(timer);
}

/** The shortest and the longest time in which a response that came before the deadline may still be read. */
const MIN_GRACE_MS = 25;
const MAX_GRACE_MS = 2_000;

/** A timer that fires this late shows that the process was suspended, in milliseconds. */
const LATE_MS = 1_000;

/** The longest timer: beyond 31 bits of milliseconds they fire at once. */
export const MAX_TIMER_MS: number = 2 ** 31 - 1;

/**
 * Calls a function after a time, in milliseconds; returns how to stop that. A process that was suspended wakes up to an
 * expired deadline and a response that is waiting: it gets a moment to read that first, because losing the response to
 * a refresh loses the session.
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

/** A duration as people say it: `20 seconds`, `2 minutes`. */
export function durationText(durationMs: number): string {
  const seconds = Math.round(durationMs / 100) / 10;
  const [count, unit] = seconds < 60 ? [seconds, "second"] : [Math.round(seconds / 6) / 10, "minute"];
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

/** Resolves after a time in milliseconds, at most 24 days. An abort rejects with the signal's reason. */
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

/**
 * The promise's value, or `undefined` if it takes longer. What it does after that is nobody's concern.
 *
 * @param startTimer How the deadline is timed: to the millisecond, unless it is {@linkcode startDeadline}.
 */
export async function within<T>(
  timeoutMs: number,
  promise: Promise<T>,
  startTimer: typeof startDeadline = startExactly,
): Promise<T | undefined> {
  let stopTimer = () => {};
  const late = new Promise<undefined>((resolve) => {
    stopTimer = startTimer(timeoutMs, () => resolve(undefined));
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    stopTimer();
  }
}

/** Waits for a promise; rejects with the signal's reason if that aborts first. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
