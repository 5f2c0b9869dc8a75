import { cancelled } from "../core/cancelled.ts";
import { ClerkCliAuthError } from "../core/errors.ts";
import type { CredentialStore } from "../storage/credential_store.ts";
import type { HeldLock } from "../storage/shared_store.ts";
import type { ClientContext } from "./context.ts";

/** How a lock is waited for. */
export interface LockOptions {
  /** How long to wait, in milliseconds. */
  timeoutMs: number;
  /** Ends the waiting, not the task. */
  signal?: AbortSignal | undefined;
}

/** What a task is told of the lock that it runs under; `undefined` where the lock cannot be lost. */
export type Held = HeldLock | undefined;

/**
 * Runs a task while no other one runs on the same credentials: across processes where the store has a lock, else
 * within this process.
 *
 * @throws {ClerkCliAuthError} `timeout` (`retryable`) when another process held the lock for too long.
 */
export async function exclusively<T>(
  { store }: ClientContext,
  task: (held: Held) => Promise<T>,
  { timeoutMs, signal }: LockOptions,
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
  const run = (held?: Held) => {
    stopWaiting();
    return task(held);
  };
  try {
    return await (store.withLock
      ? store.withLock(run, { signal: stop.signal })
      : queued(store, run, stop.signal));
  } finally {
    stopWaiting();
  }
}

const queues = new WeakMap<CredentialStore, Promise<unknown>>();

/** One task after the other, in this process. */
async function queued<T>(store: CredentialStore, task: () => Promise<T>, signal: AbortSignal): Promise<T> {
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
