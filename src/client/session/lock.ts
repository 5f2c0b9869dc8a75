import { ClerkCliAuthError } from "../../core/errors.ts";
import { durationText, stopSignal } from "../../core/time.ts";
import type { Held, Lock } from "../../storage/store.ts";

/** How a lock is waited for. */
interface LockOptions<T> {
  /** How long to wait, in milliseconds. */
  timeoutMs: number;
  /** Ends the waiting, not the task. */
  signal?: AbortSignal | undefined;
  /**
   * Looks whether the last holder has done what was to be done. If so, that is the result, and the lock is not taken.
   */
  findDone?: () => Promise<T | undefined>;
}

/**
 * Runs a task under a lock; the deadline and the signal end the waiting for it.
 *
 * @throws {ClerkCliAuthError} `timeout` (`retryable`) if another process held the lock for too long; what the lock
 * throws.
 */
export async function underLock<T>(
  lock: Lock,
  task: (held: Held) => Promise<T>,
  { timeoutMs, signal, findDone }: LockOptions<T>,
): Promise<T> {
  const stop = stopSignal({ signal, timeoutMs, timedOut: () => lockTimedOut(timeoutMs) });
  let done: T | undefined;
  const onPassedOn = findDone && (async () => {
    done = await findDone();
    if (done !== undefined) stop.abort();
  });
  let isBegun = false;
  const run = (held: Held) => {
    isBegun = true;
    stop.release();
    return task(held);
  };
  try {
    return await lock(run, { signal: stop.signal, onPassedOn });
  } catch (error) {
    if (done !== undefined) return done;
    throw !isBegun && stop.signal.aborted ? stop.signal.reason : error;
  } finally {
    stop.release();
  }
}

function lockTimedOut(timeoutMs: number): ClerkCliAuthError {
  return new ClerkCliAuthError(
    "timeout",
    `Another process held the credentials for more than ${durationText(timeoutMs)}`,
    {
      action: "Try again; look for a suspended process of this tool",
      retryable: true,
    },
  );
}
