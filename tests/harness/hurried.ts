type Timer = (callback: () => void, ms?: number) => unknown;

/** Runs a task with timers a thousand times faster, so that it can wait for a deadline of half a minute. */
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
