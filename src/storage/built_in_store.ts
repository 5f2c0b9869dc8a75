import type { Awaitable, CredentialStore } from "./credential_store.ts";
import type { WriteOptions } from "./write_own_file.ts";

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
