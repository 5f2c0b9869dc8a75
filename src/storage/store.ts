import type { Awaitable } from "../core/time.ts";
import type { WriteOptions } from "./own_file.ts";

/**
 * Stores credentials as strings by key. Implement it to keep them elsewhere. The token set is JSON, under the key
 * `tokens`.
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
  /** Returns the value of a key; `null` or `undefined` if there is none. */
  get(key: string): Awaitable<string | null | undefined>;
  /** Stores a value. It must be there, complete, when this resolves. */
  set(key: string, value: string): Awaitable<void>;
  /** Removes the value of a key, if any. */
  delete(key: string): Awaitable<void | boolean>;
  /**
   * Runs a task while no other process runs one on the same credentials. Without it, two processes may use one refresh
   * token at the same time.
   *
   * @param task What to run.
   * @param options `signal` ends the wait for the lock, not the task.
   */
  withLock?<T>(task: () => Promise<T>, options: { signal: AbortSignal }): Promise<T>;
}

/** The store that the client works on: built-in, or custom and adapted. */
export interface ClientStore extends EntryStore {
  /** Runs a task while no other runs on the same credentials. */
  readonly withLock: Lock;
  /** Shared by processes that use the same credentials; `undefined` if no other is known to. */
  readonly crossProcess: CrossProcess | undefined;
}

export interface EntryStore {
  get(key: string): Awaitable<string | null | undefined>;
  set(key: string, value: string, options?: WriteOptions): Awaitable<void>;
  /**
   * Stores the record of a new login. Only this decides how credentials are protected, and creates a key if there is
   * none. `set()` follows that decision.
   */
  saveLogin(key: string, value: string, options?: LoginSaveOptions): Awaitable<void>;
  delete(key: string): Awaitable<void | boolean>;
  /** Absent if nothing is sealed. */
  readonly retired?: RetiredEntries;
  /**
   * Whether the keychain holds the key that seals what is stored; may prompt the user to unlock it. Absent if nothing is
   * sealed.
   *
   * @throws {KeychainFailure} If a login could not use the keychain.
   */
  hasKey?(): Promise<boolean>;
  /** `undefined` if a custom store does not say. */
  describe(): Promise<StoreDescription | undefined>;
}

export interface LoginSaveOptions {
  /** Whether to retire the entry it replaces, as that could not be read. */
  retiresPrevious?: boolean;
}

/** Entries no longer in use, kept sealed until their tokens are revoked. */
export interface RetiredEntries {
  /** Retires an entry without opening it, so without the keychain. Returns whether it is kept. */
  retire(key: string): Promise<boolean>;
  /** Opens the retired entries of a key. May prompt the user to unlock the keychain. */
  read(key: string): Promise<string[]>;
  write(key: string, values: readonly string[]): Promise<void>;
}

/** Where credentials are kept, and how. */
export interface StoreDescription {
  /** The file, or `memory`. */
  location: string;
  /** How the credentials are protected; if there are none, how a login would try to protect them. */
  protection: Protection;
}

/** What protects stored credentials: a key in the OS keychain, nothing, or that they stay in memory. */
export type Protection = "keychain" | "none" | "memory";

/** Runs a task under a lock, and passes it a way to check that the lock is still held. */
export type Lock = <T>(task: (held: Held) => Promise<T>, options: WaitOptions) => Promise<T>;

/** The lock a task runs under; `undefined` if it cannot tell whether it is still held. */
export type Held = HeldLock | undefined;

export interface HeldLock {
  /**
   * Whether the lock is still ours. Only a holder on another machine can be taken for dead while it lives. One that
   * cannot rule that out, as it was suspended for too long, no longer holds the lock.
   */
  isStillHeld(): Promise<boolean>;
}

export interface WaitOptions {
  /** Ends the wait, not the task. */
  signal: AbortSignal;
  /** Called when another holder has let go, before we try to be next: what it did may save us the turn. */
  onPassedOn?: (() => Promise<void>) | undefined;
  /** Called with the port of 127.0.0.1 on which another holder is asked whether it is alive. */
  onAsk?: ((port: number) => void) | undefined;
}

/** What processes that use the same credentials share besides them. */
export interface CrossProcess {
  /** A second lock, held during a login. It keeps nobody from using the credentials. */
  readonly withLoginLock: Lock;
  /** Whether the credential lock may be held now. Only looks, and takes nothing. */
  mayBeHeld(): Promise<boolean>;
  readonly logoutNotice: LogoutNotice;
}

/**
 * Left by a logout that could not get the lock: whoever holds it must not bring that session back. It is kept outside
 * the record, so that saving the record cannot undo it. It names one refresh token, and stays.
 */
export interface LogoutNotice {
  /** Hash of that session's refresh token; `null` if there is no notice. */
  read(): Promise<string | null>;
  write(refreshTokenHash: string): Promise<void>;
}
