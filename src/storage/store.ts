import type { WriteOptions } from "./own_file.ts";

/** What keeps others from using what is stored: a key in the OS keychain, nothing, or that it is never written. */
export type Protection = "keychain" | "none" | "memory";

/** Where credentials are kept, and how. */
export interface StoreDescription {
  /** The file, or `memory`. */
  location: string;
  /** How what is stored is protected; where nothing is, how a login would try to protect it. */
  protection: Protection;
}

/** A store that this package brings. */
export interface BuiltInStore extends CredentialStore {
  set(key: string, value: string, options?: WriteOptions): Awaitable<void>;
  /**
   * Stores the record of a new login. This alone decides how the credentials are protected, and creates a key where
   * there is none; `set()` keeps to what was decided.
   */
  saveLogin(key: string, value: string): Promise<void>;
  describe(): Promise<StoreDescription>;
}

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

/** A lock that a task runs under. */
export interface HeldLock {
  /** Whether it is still ours. Only a holder on another machine can be taken for dead while it lives. */
  isStillHeld(): Promise<boolean>;
}

/** What remains of a session that was ended by someone who could not get the lock. It names one token, and stays. */
export interface Tombstone {
  /** The hash of the refresh token of that session; `null` when there is none. */
  read(): Promise<string | null>;
  write(refreshTokenHash: string): Promise<void>;
}

/** How a lock is waited for. */
export interface WaitOptions {
  /** Ends the waiting, not the task. */
  signal: AbortSignal;
  /** Runs whenever another holder has let go, before we try to be the next: what it did may spare us our turn. */
  onPassedOn?: (() => Promise<void>) | undefined;
}

/** A store of ours that several processes share. */
export interface SharedStore extends BuiltInStore {
  withLock<T>(task: (held: HeldLock) => Promise<T>, options: WaitOptions): Promise<T>;
  /** Another lock, for the time of a login. It keeps nobody from using the credentials. */
  withLoginLock<T>(task: () => Promise<T>, options: { signal: AbortSignal }): Promise<T>;
  /** Stands outside of the record, so that no saving of the record can undo it. */
  readonly tombstone: Tombstone;
}

/** Whether a store is one of ours that several processes share. */
export function isShared(store: CredentialStore): store is SharedStore {
  return "tombstone" in store;
}
