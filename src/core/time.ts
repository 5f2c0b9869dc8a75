import { cancelled } from "./errors.ts";

/** A value, or a promise of it. */
export type Awaitable<T> = T | Promise<T>;

interface StopOptions {
  /** The caller's signal. */
  signal?: AbortSignal | undefined;
  /**
   * Makes the abort reason if `signal` aborts.
   * @default a `cancelled` error
   */
  cancelled?: (reason: unknown) => unknown;
  /** The deadline, in milliseconds. */
  timeoutMs?: number | undefined;
  /** Makes the abort reason at the deadline. */
  timedOut?: () => unknown;
  /**
   * Starts the timer of the deadline.
   * @default exact to the millisecond
   */
  startTimer?: typeof startTimer;
}

/** A signal for a task. */
interface Stop {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
  /** Cancels the deadline. */
  stopTimer(): void;
  /** Cancels the deadline and stops listening to the caller's signal. */
  release(): void;
}

/**
 * Creates a signal that aborts if the caller cancels (`cancelled`) or at the deadline, whichever is first.
 * Call `release()` when the task is over.
 */
export function stopSignal(options: StopOptions): Stop {
  const { signal, timeoutMs, timedOut, startTimer: start = startExactly } = options;
  const controller = new AbortController();
  const cancel = () =>
    controller.abort(options.cancelled ? options.cancelled(signal?.reason) : cancelled(signal));
  const stopTimer = timeoutMs === undefined
    ? () => {}
    : start(timeoutMs, () => controller.abort(timedOut?.()));
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

interface NodeGlobals {
  /** Where JavaScript runs at the edge, `process` may have nothing but `env`. */
  process?: { versions?: { node?: string }; hrtime(): [seconds: number, nanoseconds: number] };
}

/** Reading `process` costs Deno 13 ms. */
const isNode = !("Deno" in globalThis || "Bun" in globalThis) &&
  (globalThis as unknown as NodeGlobals).process?.versions?.node !== undefined;

/** The milliseconds of a clock that is never set back. Reading `performance` would cost Node 3 ms. */
export const ticks: () => number = isNode
  ? () => {
    const [seconds, nanoseconds] = (globalThis as unknown as Required<NodeGlobals>).process.hrtime();
    return seconds * 1_000 + nanoseconds / 1_000_000;
  }
  : () => performance.now();

/** Returns the milliseconds since it was started. */
export type Stopwatch = () => number;

/** Takes the longer time of two clocks: ticks may stop while the machine sleeps, and `now` may be set back. */
export function startStopwatch(now: () => number): Stopwatch {
  const [tick, time] = [ticks(), now()];
  return () => Math.max(ticks() - tick, now() - time);
}

/** Calls a function after a delay in milliseconds; returns a function that cancels it. */
function startExactly(durationMs: number, onOver: () => void): () => void {
  const timer = setTimeout(onOver, durationMs);
  return () => clearTimeout(timer);
}

/**
 * The same for what a refresh needs. The first `setTimeout` of a process costs Deno 15 ms, as it loads Node's timers: a
 * signal with a deadline does the same there.
 */
export function startTimer(durationMs: number, onOver: () => void): () => void {
  if (!("Deno" in globalThis)) return startExactly(durationMs, onOver);
  const signal = AbortSignal.timeout(Math.max(durationMs, 0) || 0); // It throws where `setTimeout` takes zero.
  signal.addEventListener("abort", onOver, { once: true });
  return () => signal.removeEventListener("abort", onOver); // Without a listener, it keeps no process alive.
}

/** How long a response that arrived in time may take to read after the deadline, in milliseconds. */
const MIN_GRACE_MS = 25;
const MAX_GRACE_MS = 2_000;

/** A timer this late, in milliseconds, means that the process was suspended. */
const LATE_MS = 1_000;

/** The longest delay of a timer, in milliseconds: longer ones fire immediately. */
export const MAX_TIMER_MS: number = 2 ** 31 - 1;

/**
 * Calls a function after a delay in milliseconds; returns a function that cancels it.
 *
 * A suspended process may wake up to an expired deadline and an unread response. It gets a moment to read the
 * response, because losing the response to a refresh loses the session.
 */
export function startDeadline(timeoutMs: number, onOver: () => void): () => void {
  let stop = () => {};
  const wait = (durationMs: number, then: (lateMs: number) => void) => {
    const dueAt = ticks() + durationMs;
    stop = startTimer(durationMs, () => then(ticks() - dueAt));
  };
  const grant = (lateMs: number) => {
    const graceMs = Math.min(Math.max(lateMs, MIN_GRACE_MS), MAX_GRACE_MS);
    wait(graceMs, (late) => late > LATE_MS ? grant(late) : onOver());
  };
  wait(Math.min(timeoutMs, MAX_TIMER_MS), grant);
  return () => stop();
}

/** Formats a duration for a message: `20 seconds`, `2 minutes`. */
export function durationText(durationMs: number): string {
  const seconds = Math.round(durationMs / 100) / 10;
  const [count, unit] = seconds < 60 ? [seconds, "second"] : [Math.round(seconds / 6) / 10, "minute"];
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

/** Resolves after a delay in milliseconds, at most 24 days. Rejects with the signal's reason if it aborts. */
export function delay(durationMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const stop = () => {
      stopTimer();
      reject(signal?.reason);
    };
    const stopTimer = startExactly(Math.min(durationMs, MAX_TIMER_MS), () => {
      signal?.removeEventListener("abort", stop);
      resolve();
    });
    signal?.addEventListener("abort", stop, { once: true });
  });
}

/**
 * Returns the promise's value, or `undefined` if it takes longer than `timeoutMs`.
 *
 * @param start {@linkcode startDeadline}, or by default a timer that is exact to the millisecond.
 */
export async function within<T>(
  timeoutMs: number,
  promise: Promise<T>,
  start: typeof startTimer = startExactly,
): Promise<T | undefined> {
  let stopTimer = () => {};
  const late = new Promise<undefined>((resolve) => {
    stopTimer = start(timeoutMs, () => resolve(undefined));
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    stopTimer();
  }
}

/** Waits for a promise; rejects with the signal's reason if it aborts first. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
