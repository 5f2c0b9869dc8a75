/** A clock that moves only when a test says so. */
export interface FakeClock {
  /** Durations of the pending timers, in milliseconds, in the order they were set. */
  readonly pending: readonly number[];
  /** Lets time pass. Timers fire in order, each after the work that the one before triggered. */
  advance(durationMs: number): Promise<void>;
  /** Lets time pass as in a suspended process: due timers fire late, with the next `advance()`. */
  suspend(durationMs: number): void;
  /** Resolves once a timer of this duration is set. */
  untilSet(durationMs: number): Promise<void>;
  /** Lets every timer of at most `maxMs` pass as soon as it is set, while a promise is pending. */
  passWhile<T>(running: Promise<T>, maxMs: number): Promise<T>;
  /** Lets time pass, in steps of `stepMs`, while a promise is pending. */
  advanceWhile<T>(running: Promise<T>, stepMs: number): Promise<T>;
  /** Restores the real clock. Pending timers never fire. */
  uninstall(): void;
}

/** The last moment of a deadline (core/time.ts). */
export const LAST_MOMENT_MS = 25;

/**
 * Matches the timers of deadlines: those of a second or more, and their last moment. With a network, shorter ones stay
 * real: servers that close need them, and so do the platform's own libraries.
 */
export function isOfDeadline(durationMs: number): boolean {
  return durationMs >= 1_000 || durationMs === LAST_MOMENT_MS;
}

interface Timer {
  callback: () => void;
  durationMs: number;
  dueAt: number;
  repeats: boolean;
}

/**
 * Puts `setTimeout`, `setInterval`, `AbortSignal.timeout`, `performance.now` and `process.hrtime` on a fake clock.
 * Uninstall it before the test ends.
 *
 * @param isOnIt Which timers are on it, by their duration in milliseconds. The others stay real.
 */
export function installFakeClock(isOnIt: (durationMs: number) => boolean = () => true): FakeClock {
  const real = { setTimeout, setInterval, clearTimeout, clearInterval };
  // In workerd, these methods need their `this`.
  const [setRealTimeout, setRealInterval, clearReal] = [setTimeout, setInterval, clearTimeout];
  const realNow = performance.now;
  const timers = new Map<unknown, Timer>();
  const waiting = new Set<() => void>();
  let now = Math.ceil(performance.now()); // Sums of integers are exact.

  function set(repeats: boolean) {
    return (callback: (...args: unknown[]) => void, durationMs = 0, ...args: unknown[]) => {
      if (!isOnIt(durationMs)) {
        return repeats
          ? setRealInterval(callback, durationMs, ...args)
          : setRealTimeout(callback, durationMs, ...args);
      }
      const handle = { ref: () => handle, unref: () => handle, refresh: () => handle, hasRef: () => true };
      const timer = { callback: () => callback(...args), durationMs, dueAt: now + durationMs, repeats };
      timers.set(handle, timer);
      for (const look of waiting) look();
      return handle;
    };
  }

  function clear(handle: unknown): void {
    if (!timers.delete(handle)) clearReal(handle as number);
  }

  /** Lets whatever is ready run. */
  const turn = () => new Promise<void>((resolve) => setRealTimeout(resolve, 0));

  function nextDue(end: number): [unknown, Timer] | undefined {
    const due = [...timers].filter(([, { dueAt }]) => dueAt <= end);
    return due.sort(([, a], [, b]) => a.dueAt - b.dueAt)[0];
  }

  async function advance(durationMs: number): Promise<void> {
    const end = now + durationMs;
    await turn();
    for (let next = nextDue(end); next; next = nextDue(end)) {
      const [handle, timer] = next;
      now = Math.max(now, timer.dueAt);
      if (timer.repeats) timer.dueAt = now + timer.durationMs;
      else timers.delete(handle);
      timer.callback();
      await turn();
    }
    now = end;
  }

  function until(isWanted: (timer: Timer) => boolean): Promise<Timer> {
    return new Promise((resolve) => {
      const look = () => {
        const timer = [...timers.values()].find(isWanted);
        if (timer === undefined) return;
        waiting.delete(look);
        resolve(timer);
      };
      waiting.add(look);
      look();
    });
  }

  async function passWhile<T>(running: Promise<T>, maxMs: number): Promise<T> {
    const ended = running.then(() => null, () => null);
    for (;;) {
      const timer = await Promise.race([ended, until(({ durationMs }) => durationMs <= maxMs)]);
      if (timer === null) return await running;
      await advance(timer.dueAt - now);
    }
  }

  async function advanceWhile<T>(running: Promise<T>, stepMs: number): Promise<T> {
    let isPending = true;
    const ended = () => void (isPending = false);
    running.then(ended, ended);
    while (isPending) await advance(stepMs);
    return await running;
  }

  const fake = {
    setTimeout: set(false),
    setInterval: set(true),
    clearTimeout: clear,
    clearInterval: clear,
  };
  Object.assign(globalThis, fake);
  performance.now = () => now;
  const { process } = globalThis as unknown as { process?: { hrtime?: () => number[] } };
  const realTime = process?.hrtime;
  if (realTime) process!.hrtime = () => [Math.floor(now / 1_000), (now % 1_000) * 1_000_000];
  const realDeadline = AbortSignal.timeout;
  AbortSignal.timeout = (durationMs) => {
    if (!isOnIt(durationMs)) return realDeadline.call(AbortSignal, durationMs);
    const controller = new AbortController();
    const { signal } = controller;
    const timer = fake.setTimeout(() => controller.abort(new DOMException("", "TimeoutError")), durationMs);
    signal.removeEventListener = () => clear(timer);
    return signal;
  };
  return {
    get pending() {
      return Array.from(timers.values(), ({ durationMs }) => durationMs);
    },
    advance,
    suspend: (durationMs) => void (now += durationMs),
    untilSet: async (durationMs) => void await until((timer) => timer.durationMs === durationMs),
    passWhile,
    advanceWhile,
    uninstall() {
      Object.assign(globalThis, real);
      performance.now = realNow;
      if (realTime) process!.hrtime = realTime;
      AbortSignal.timeout = realDeadline;
    },
  };
}

/** Runs a task on a fake clock. */
export async function onFakeClock<T>(
  task: (clock: FakeClock) => Promise<T>,
  isOnIt?: (durationMs: number) => boolean,
): Promise<T> {
  const clock = installFakeClock(isOnIt);
  try {
    return await task(clock);
  } finally {
    clock.uninstall();
  }
}

/**
 * Runs a task whose pauses pass as soon as they begin, which shortens its deadlines by as much.
 *
 * @param maxMs The longest pause, which must be shorter than any deadline.
 */
export function withoutPauses<T>(task: () => Promise<T>, maxMs: number): Promise<T> {
  return onFakeClock((clock) => clock.passWhile(task(), maxMs), isOfDeadline);
}

/** The pauses before a file that is corrupt, as it may be half-written, is read again. */
const TORN_PAUSES_MS = [5, 10, 20, 40, 80, 160, 320];

/** Runs a task that meets a corrupt file, without the pauses before it is read again. */
export function onCorruptFile<T>(task: () => Promise<T>): Promise<T> {
  const isOnIt = (durationMs: number) => TORN_PAUSES_MS.includes(durationMs);
  return onFakeClock((clock) => clock.passWhile(task(), Math.max(...TORN_PAUSES_MS)), isOnIt);
}
