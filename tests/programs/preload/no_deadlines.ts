/**
 * Detaches a program's deadlines from the clock: on a busy machine it must not hit one that it would not hit elsewhere, and no
 * test should wait for one. Imports nothing, as most programs start with it.
 */

/** A timer this long is no deadline yet: a holder of the lock has to beat once a second. */
const BEAT_MS = 1_000;

/** The longest possible timer. */
const FOREVER_MS = 2 ** 31 - 1;

const { setTimeout } = globalThis;

Object.assign(globalThis, {
  setTimeout: (callback: (...args: unknown[]) => void, durationMs = 0, ...args: unknown[]) =>
    setTimeout(callback, durationMs <= BEAT_MS ? durationMs : FOREVER_MS, ...args),
});

// Deno's timer for a refresh. It is stopped by taking its listener away.
AbortSignal.timeout = (durationMs) => {
  const controller = new AbortController();
  const timer = globalThis.setTimeout(() => controller.abort(), durationMs);
  return Object.assign(controller.signal, { removeEventListener: () => clearTimeout(timer) });
};
