/** A value or the promise of one. */
export type Awaitable<T> = T | Promise<T>;

/**
 * Where credentials are kept: strings by key. Implement it to keep them elsewhere; the token set stands under the key
 * `tokens`, as JSON.
 *
 * @example A store in a `Map`
 * ```ts
 * import type { CredentialStore } from "@clerk/cli-auth";
 *
 * const entries = new Map<string, string>();
 * const store: CredentialStore = {
 *   get: (key) => entries.get(key),
 *   set: (key, value) => void entries.set(key, value),
 *   delete: (key) => entries.delete(key),
 * };
 * ```
 */
export interface CredentialStore {
  /** The value under a key; `null` or `undefined` when there is none. */
  get(key: string): Awaitable<string | null | undefined>;
  /** Puts a value under a key. It must be there, complete, when this resolves. */
  set(key: string, value: string): Awaitable<void>;
  /** Removes what stands under a key, if anything. */
  delete(key: string): Awaitable<void | boolean>;
  /**
   * Runs a task while no other process runs one on the same credentials. Without it two processes may use one refresh
   * token at the same time.
   *
   * @param task What to run.
   * @param options `signal` ends the waiting for the lock, not the task.
   */
  withLock?<T>(task: () => Promise<T>, options: { signal: AbortSignal }): Promise<T>;
}
