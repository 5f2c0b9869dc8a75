import type { BuiltInStore } from "./built_in_store.ts";
import type { CredentialStore } from "./credential_store.ts";

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
