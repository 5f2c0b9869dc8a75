import type { CredentialStore } from "../storage/credential_store.ts";
import type { ClientContext } from "./context.ts";
import { type Held, type LockOptions, underLock } from "./under_lock.ts";

/**
 * Runs a task while no other one runs on the same credentials: across processes where the store has a lock, else
 * within this process.
 *
 * @throws {ClerkCliAuthError} `timeout` (`retryable`) when another process held the lock for too long.
 */
export async function exclusively<T>(
  { store }: ClientContext,
  task: (held: Held) => Promise<T>,
  options: LockOptions,
): Promise<T> {
  return await underLock(
    (run, waiting) => store.withLock ? store.withLock(run, waiting) : queued(store, run, waiting),
    task,
    options,
  );
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
