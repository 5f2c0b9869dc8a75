/**
 * Detaches a program's deadlines from the clock: on a busy machine it must not hit one that it would not hit elsewhere, and no
 * test should wait for one. Imports nothing, as most programs start with it.
 */

/** A timer this long or longer is a deadline. */
const SHORTEST_MS = 1_000;

/** The longest possible timer. */
const FOREVER_MS = 2 ** 31 - 1;

const { setTimeout } = globalThis;

Object.assign(globalThis, {
  setTimeout: (callback: (...args: unknown[]) => void, durationMs = 0, ...args: unknown[]) =>
    setTimeout(callback, durationMs < SHORTEST_MS ? durationMs : FOREVER_MS, ...args),
});
