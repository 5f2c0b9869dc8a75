import { isClerkCliAuthError } from "../core/errors.ts";
import type { CredentialStore } from "../storage/credential_store.ts";
import type { WaitOptions } from "../storage/shared_store.ts";
import type { ClientContext } from "./context.ts";
import { type Held, type Lock, type SparedLockOptions, underLock } from "./under_lock.ts";

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
    const { storeFailure } = await import("./store_failure.ts");
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
