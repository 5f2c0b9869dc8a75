import type { Keyring } from "../doors/runtime.ts";

/** A keychain in memory. */
export interface FakeKeyring extends Keyring {
  /** The secrets, by `SERVICE/USERNAME`. */
  readonly secrets: Map<string, string>;
  /** What every call fails with, if anything. */
  failure: Error | undefined;
  /** How often secrets were read. */
  reads: number;
}

/** Makes a keychain in memory, without a process to call it in. */
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
