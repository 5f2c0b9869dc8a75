import { MAX_TIMER_MS } from "../core/deadline.ts";

/** Waits, in milliseconds; an abort rejects with the signal's reason. */
export function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const giveUp = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", giveUp);
      resolve();
    }, Math.min(durationMs, MAX_TIMER_MS));
    signal.addEventListener("abort", giveUp, { once: true });
  });
}
