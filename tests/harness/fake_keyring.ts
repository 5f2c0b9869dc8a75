import type { Keyring } from "../doors/runtime.ts";

/** A keychain in memory. */
export interface FakeKeyring extends Keyring {
  /** Secrets by `SERVICE/USERNAME`. */
  readonly secrets: Map<string, string>;
  /** The error that every call fails with, if any. */
  failure: Error | undefined;
  /** How often secrets were read. */
  reads: number;
}

/** Creates a keychain in memory, without child processes. */
export function createFakeKeyring(): FakeKeyring {
  const keyring: FakeKeyring = {
    secrets: new Map(),
    failure: undefined,
    reads: 0,
    load: () => Promise.resolve({ AsyncEntry: FakeEntry }),
    scriptCommand: () => Promise.resolve(null),
  };
  class FakeEntry {
    readonly #name: string;

    constructor(service: string, username: string) {
      if (keyring.failure) throw keyring.failure;
      this.#name = `${service}/${username}`;
    }

    getPassword(): Promise<string | null> {
      keyring.reads++;
      return Promise.resolve(keyring.secrets.get(this.#name) ?? null);
    }

    setPassword(password: string): Promise<void> {
      keyring.secrets.set(this.#name, password);
      return Promise.resolve();
    }
  }
  return keyring;
}
