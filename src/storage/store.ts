import type { Awaitable } from "../core/time.ts";
import type { WriteOptions } from "./own_file.ts";

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

/** What the client works on: one of our stores, or one of the program's own made to look the same. */
export interface ClientStore extends EntryStore {
  /** Runs a task while no other one runs on the same credentials. */
  readonly withLock: Lock;
  /** What processes that use the same credentials share; `undefined` where no other process is known to. */
  readonly crossProcess: CrossProcess | undefined;
}

/** Where the entries are. */
export interface EntryStore {
  get(key: string): Awaitable<string | null | undefined>;
  set(key: string, value: string, options?: WriteOptions): Awaitable<void>;
  /**
   * Stores the record of a new login. This alone decides how the credentials are protected, and creates a key where
   * there is none; `set()` keeps to what was decided.
   */
  saveLogin(key: string, value: string, options?: LoginSaveOptions): Awaitable<void>;
  delete(key: string): Awaitable<void | boolean>;
  /** Absent if nothing here is sealed. */
  readonly retired?: RetiredEntries;
  /** `undefined` if a store of the program's own does not say. */
  describe(): Promise<StoreDescription | undefined>;
}

/** How the record of a login is stored. */
export interface LoginSaveOptions {
  /** Whether the entry that it replaces is retired, as it could not be read. */
  retiresPrevious?: boolean;
}

/** Entries that count no more, but are kept, sealed, until what they hold is revoked. */
export interface RetiredEntries {
  /** Retires an entry without opening it: it needs no keychain. Gives whether it is kept. */
  retire(key: string): Promise<boolean>;
  /** The entries of a key that are sealed here. A person may be asked to unlock the keychain for them. */
  read(key: string): Promise<string[]>;
  /** Replaces them. */
  write(key: string, values: readonly string[]): Promise<void>;
}

/** Where credentials are kept, and how. */
export interface StoreDescription {
  /** The file, or `memory`. */
  location: string;
  /** How what is stored is protected; where nothing is, how a login would try to protect it. */
  protection: Protection;
}

/** What keeps others from using what is stored: a key in the OS keychain, nothing, or that it is never written. */
export type Protection = "keychain" | "none" | "memory";

/** Runs a task under a lock. The task is told how to find out whether it still holds the lock. */
export type Lock = <T>(task: (held: Held) => Promise<T>, options: WaitOptions) => Promise<T>;

/** The lock that a task runs under; `undefined` if it cannot tell whether it is still held. */
export type Held = HeldLock | undefined;

/** A lock that is held. */
export interface HeldLock {
  /**
   * Whether it is still ours. Only a holder on another machine can be taken for dead while it lives; one that cannot rule
   * this out, as it stood still for too long, holds the lock no more either.
   */
  isStillHeld(): Promise<boolean>;
}

/** How a lock is waited for. */
export interface WaitOptions {
  /** Ends the waiting, not the task. */
  signal: AbortSignal;
  /** Runs whenever another holder has let go, before we try to be next: what it did may save us the turn. */
  onPassedOn?: (() => Promise<void>) | undefined;
  /** Told of the port of 127.0.0.1 where we ask another holder whether it goes on. */
  onAsk?: ((port: number) => void) | undefined;
}

/** What processes that use the same credentials share besides them. */
export interface CrossProcess {
  /** Another lock, held for the time of a login. It keeps nobody from using the credentials. */
  readonly withLoginLock: Lock;
  /** Whether the lock of the credentials may be held now, without taking it: a look, which changes nothing. */
  mayBeHeld(): Promise<boolean>;
  readonly logoutNotice: LogoutNotice;
}

/**
 * The notice that a logout leaves if it could not get the lock: whoever holds the lock must not bring that session
 * back. It is not part of the record, so that saving the record cannot undo it. It names one refresh token, and stays.
 */
export interface LogoutNotice {
  /** The hash of the refresh token of that session; `null` if there is no notice. */
  read(): Promise<string | null>;
  write(refreshTokenHash: string): Promise<void>;
}
