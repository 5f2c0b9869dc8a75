import { MAX_TIMER_MS } from "./deadline.ts";

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
