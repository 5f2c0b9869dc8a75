import { delay } from "../../core/delay.ts";

/** What is watched of a holder that cannot be asked. */
export interface Watched {
  /** What it changes from time to time; `null` once there is no need to watch any more. */
  read(): Promise<string | null>;
  /** Whether somebody else has taken the lock after it. */
  isSucceeded(): Promise<boolean>;
}

/** How a holder is watched. */
export interface WatchOptions {
  /** How long it must stand still to be called dead, in milliseconds. */
  standstillMs: number;
  /** Ends the watching. */
  signal: AbortSignal;
}

const POLL_MS = 250;

/**
 * Watches a holder until it is gone. Tells whether it stood still for longer than stated: on our own monotonic clock,
 * on which a poll that came late, as we were suspended, too, counts no more than one in time.
 */
export async function standsStill(watched: Watched, options: WatchOptions): Promise<boolean> {
  const { standstillMs, signal } = options;
  let seen = await watched.read();
  let seenAt = performance.now();
  let stoodMs = 0;
  while (seen !== null && !await watched.isSucceeded()) {
    if (stoodMs > standstillMs) return true;
    await delay(POLL_MS, signal);
    const text = await watched.read();
    const now = performance.now();
    stoodMs = text === seen ? stoodMs + Math.min(now - seenAt, 2 * POLL_MS) : 0;
    [seen, seenAt] = [text, now];
  }
  return false;
}
