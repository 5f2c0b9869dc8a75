import { cancelled, ClerkCliAuthError, isClerkCliAuthError } from "../../core/errors.ts";
import type { CredentialStore, HeldLock, WaitOptions } from "../../storage/store.ts";
import type { ClientContext } from "../context.ts";

/**
 * Runs a task while no other one runs on the same credentials: across processes where the store has a lock, else
 * within this process.
 *
 * @throws {ClerkCliAuthError} `timeout` (`retryable`) when another process held the lock for too long; `storage` when
 * the lock of a custom store failed.
 */
export async function exclusively<T>(
  { store }: ClientContext,
  task: (held: Held) => Promise<T>,
  options: SparedLockOptions<T>,
): Promise<T> {
  return await underLock(
    (run, waiting) =>
      store.withLock ? locked(store.withLock.bind(store), run, waiting) : queued(store, run, waiting),
    task,
    options,
  );
}

/** What the lock of a store throws, and not the task under it, becomes a `storage` error. */
async function locked<T>(
  lock: Lock,
  task: (held?: Held) => Promise<T>,
  options: WaitOptions,
): Promise<T> {
  let failure: unknown;
  const noting = (held?: Held) =>
    task(held).catch((error) => {
      failure = error;
      throw error;
    });
  try {
    return await lock(noting, options);
  } catch (error) {
    if (error === failure || isClerkCliAuthError(error)) throw error;
    options.signal.throwIfAborted();
    const { storeFailure } = await import("./record.ts");
    throw storeFailure(error, { verb: "lock" });
  }
}

const queues = new WeakMap<CredentialStore, Promise<unknown>>();

/** One task after the other, in this process. */
async function queued<T>(
  store: CredentialStore,
  task: () => Promise<T>,
  { signal }: { signal: AbortSignal },
): Promise<T> {
  const turn = (queues.get(store) ?? Promise.resolve()).then(() => {
    signal.throwIfAborted();
    return task();
  });
  queues.set(store, turn.catch(() => {}));
  return await Promise.race([turn, aborted(signal)]);
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

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
