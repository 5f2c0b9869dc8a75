import type { CredentialStore } from "../storage/credential_store.ts";
import type { ClientContext } from "./context.ts";

const queues = new WeakMap<CredentialStore, Promise<unknown>>();

/**
 * Runs a task while no other one runs on the same credentials: across processes where the store has a lock, else
 * within this process. The signal ends the waiting, not the task.
 */
export async function exclusively<T>(
  { store }: ClientContext,
  task: () => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  if (store.withLock) return await store.withLock(task, { signal });
  const previous = queues.get(store);
  const current = (async () => {
    await previous;
    signal.throwIfAborted();
    return await task();
  })();
  queues.set(store, current.catch(() => {}));
  return await current;
}
