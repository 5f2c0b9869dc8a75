type Timer = (callback: () => void, ms?: number) => unknown;

/**
 * Runs a task while every timer comes a thousand times sooner, so that a deadline of half a minute can be waited for.
 *
 * @param task What to run.
 * @returns What the task gives.
 */
export async function hurried<T>(task: () => Promise<T>): Promise<T> {
  const { setTimeout, setInterval } = globalThis;
  const sooner = (set: Timer): Timer => (callback, ms = 0) => set(callback, ms / 1_000);
  Object.assign(globalThis, { setTimeout: sooner(setTimeout), setInterval: sooner(setInterval) });
  try {
    return await task();
  } finally {
    Object.assign(globalThis, { setTimeout, setInterval });
  }
}
