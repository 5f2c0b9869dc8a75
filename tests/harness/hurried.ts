/**
 * Runs a task while every time-out comes a thousand times sooner, so that a deadline of half a minute can be waited for.
 *
 * @param task What to run.
 * @returns What the task gives.
 */
export async function hurried<T>(task: () => Promise<T>): Promise<T> {
  const { setTimeout } = globalThis;
  const sooner = (callback: () => void, ms = 0) => setTimeout(callback, ms / 1_000);
  globalThis.setTimeout = sooner as typeof setTimeout;
  try {
    return await task();
  } finally {
    globalThis.setTimeout = setTimeout;
  }
}
