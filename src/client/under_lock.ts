import { cancelled } from "../core/cancelled.ts";
import { ClerkCliAuthError } from "../core/errors.ts";
import type { HeldLock, WaitOptions } from "../storage/shared_store.ts";

/** How a lock is waited for. */
export interface LockOptions {
  /** How long to wait, in milliseconds. */
  timeoutMs: number;
  /** Ends the waiting, not the task. */
  signal?: AbortSignal | undefined;
}

/** How a lock is waited for that another holder's work may make unnecessary. */
export interface SparedLockOptions<T> extends LockOptions {
  /** Looks whether the last holder has done what was to be done: what it gives then is the result, and the lock is not taken. */
  findDone?: () => Promise<T | undefined>;
}

/** What a task is told of the lock that it runs under; `undefined` where the lock cannot be lost. */
export type Held = HeldLock | undefined;

/** A lock, as a function that runs a task under it. */
export type Lock = <T>(task: (held?: Held) => Promise<T>, options: WaitOptions) => Promise<T>;

/**
 * Runs a task under a lock; the deadline and the signal end the waiting for it.
 *
 * @throws {ClerkCliAuthError} `timeout` (`retryable`) when another process held the lock for too long.
 */
export async function underLock<T>(
  lock: Lock,
  task: (held: Held) => Promise<T>,
  { timeoutMs, signal, findDone }: SparedLockOptions<T>,
): Promise<T> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(lockTimedOut(timeoutMs)), timeoutMs);
  const cancel = () => stop.abort(cancelled(signal));
  if (signal?.aborted) cancel();
  signal?.addEventListener("abort", cancel, { once: true });
  const stopWaiting = () => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", cancel);
  };
  let done: T | undefined;
  const onPassedOn = findDone && (async () => {
    done = await findDone();
    if (done !== undefined) stop.abort();
  });
  const run = (held?: unknown) => {
    stopWaiting();
    return task(isHeldLock(held) ? held : undefined);
  };
  try {
    return await lock(run, { signal: stop.signal, onPassedOn });
  } catch (error) {
    if (done !== undefined) return done;
    throw error;
  } finally {
    stopWaiting();
  }
}

/** Whether the lock is no longer ours: another machine has taken this process for dead. */
export async function isLost(held: Held): Promise<boolean> {
  return held !== undefined && !await held.isStillHeld();
}

/** A lock of the program's own may tell its task something else. */
function isHeldLock(held: unknown): held is HeldLock {
  return typeof (held as Partial<HeldLock> | undefined)?.isStillHeld === "function";
}

function lockTimedOut(timeoutMs: number): ClerkCliAuthError {
  return new ClerkCliAuthError(
    "timeout",
    `Another process held the credentials for more than ${timeoutMs} ms`,
    {
      action: "Try again; look for a suspended process of this tool",
      retryable: true,
    },
  );
}
