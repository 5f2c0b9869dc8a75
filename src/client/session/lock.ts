import { ClerkCliAuthError } from "../../core/errors.ts";
import { durationText, startTimer, stopSignal } from "../../core/time.ts";
import type { Held, Lock } from "../../storage/store.ts";

interface LockOptions<T> {
  /** How long to wait, in milliseconds. */
  timeoutMs: number;
  /** Stops waiting; a task that has started goes on. */
  signal?: AbortSignal | undefined;
  /** Checks whether the previous holder already did the work. Its result then replaces the task's. */
  findDone?: () => Promise<T | undefined>;
}

/**
 * Runs a task under a lock. The deadline and the signal only limit the wait for the lock.
 *
 * @throws {ClerkCliAuthError} `timeout` (`retryable`) if another process holds the lock for too long, or what
 * the lock throws.
 */
export async function underLock<T>(
  lock: Lock,
  task: (held: Held) => Promise<T>,
  { timeoutMs, signal, findDone }: LockOptions<T>,
): Promise<T> {
  let port: number | undefined;
  const timedOut = () => lockTimedOut(timeoutMs, port);
  const stop = stopSignal({ signal, timeoutMs, timedOut, startTimer });
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
    return await lock(run, { signal: stop.signal, onPassedOn, onAsk: (asked) => port = asked });
  } catch (error) {
    if (done !== undefined) return done;
    throw !isBegun && stop.signal.aborted ? stop.signal.reason : error;
  } finally {
    if (!isBegun) stop.release();
  }
}

/** A silent port belongs to a suspended process, or to another program that reused the port of a killed one. */
function lockTimedOut(timeoutMs: number, port: number | undefined): ClerkCliAuthError {
  const where = port === undefined ? "" : ` (port ${port} of 127.0.0.1)`;
  return new ClerkCliAuthError(
    "timeout",
    `Another process has held the credentials for ${durationText(timeoutMs)}${where}`,
    {
      action: "Try again; look for a suspended process of this tool" +
        (port === undefined ? "" : ", or another program on that port"),
      retryable: true,
    },
  );
}
