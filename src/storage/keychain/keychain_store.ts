import { ClerkCliAuthError } from "../../core/errors.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { type CredentialFile, emptyCredentialFile, PlainFile, Turns } from "../file_store.ts";
import { sealedFilePath } from "../location.ts";
import type { WriteOptions } from "../own_file.ts";
import type { EntryStore, StoreDescription } from "../store.ts";
import { KeychainFailure, keychainItem } from "./keychain.ts";
import { SealedFile, type SealedFileOptions } from "./sealed_file.ts";
import { type SealingKey, SealingKeys } from "./sealing_key.ts";
import type { ItemName } from "./secret_service.ts";

/** What a keychain store is made of. */
interface KeychainStoreOptions extends SealedFileOptions {
  runtime: Runtime;
  /** The keychain item that holds the key. */
  item: ItemName;
  /** What a login does if the keychain is unavailable: it stores in the clear, or fails. */
  fallback: "file" | "error";
  /** Called when a login has stored in the clear, and why. */
  onDowngraded?: ((failure: KeychainFailure, path: string) => void) | undefined;
}

/**
 * A store whose records are sealed with a key in the OS keychain. Where a login found no keychain, they are in the
 * plain file, which counts as long as it is there: the next login decides again, and nothing else does.
 */
export class KeychainStore implements EntryStore {
  readonly #options: KeychainStoreOptions;
  readonly #plain: PlainFile;
  readonly #keys: SealingKeys;
  readonly #turns = new Turns();

  constructor(options: KeychainStoreOptions) {
    this.#options = options;
    this.#plain = new PlainFile(options);
    const item = keychainItem(options.runtime, options.item);
    this.#keys = new SealingKeys(item, async (task) => {
      const { whileCreatingKey } = await import("./sealing_key.ts");
      return await whileCreatingKey(options, task);
    });
  }

  async get(key: string): Promise<string | null> {
    const plain = await this.#plain.read();
    if (plain && plain.entries.size > 0) return this.#permitted(plain).entries.get(key) ?? null;
    const sealed = await this.#sealedInUse(plain);
    return sealed && await sealed.get(key);
  }

  set(key: string, value: string, options: WriteOptions = {}): Promise<void> {
    return this.#turns.take(async () => {
      const plain = await this.#plain.readToReplace();
      if (plain.entries.size > 0) {
        this.#permitted(plain).entries.set(key, value);
        return await this.#plain.write(plain, options);
      }
      const sealed = await this.#sealedInUse(plain);
      if (!sealed) throw notSignedIn();
      await sealed.write(new Map([[key, value]]), { ...options, keepsOthers: true });
    });
  }

  saveLogin(key: string, value: string): Promise<void> {
    return this.#turns.take(async () => {
      const plain = await this.#plain.readToReplace();
      const isPlain = plain.entries.size > 0;
      plain.entries.set(key, value);
      try {
        const sealingKey = await this.#keys.getOrCreate();
        const keepsOthers = !isPlain && !plain.replaces.has(sealingKey.id);
        await this.#sealed(sealingKey).write(plain.entries, { keepsOthers });
        plain.replaces.delete(sealingKey.id);
        await this.#plain.write({ ...emptyCredentialFile(), replaces: plain.replaces });
      } catch (error) {
        if (!(error instanceof KeychainFailure) || this.#options.fallback === "error") throw error;
        for (const id of await this.#plain.sealedKeyIds()) plain.replaces.add(id);
        await this.#plain.write(plain);
        this.#options.onDowngraded?.(error, this.#options.path);
      }
    });
  }

  /** Nobody is asked to unlock the keychain for it: a record that is out of reach is replaced by nothing. */
  delete(key: string): Promise<void> {
    return this.#turns.take(async () => {
      const plain = await this.#plain.readToReplace();
      plain.entries.delete(key);
      const sealingKey = await this.#keys.get(never).catch(() => null);
      if (sealingKey) {
        const sealed = this.#sealed(sealingKey);
        if (plain.replaces.delete(sealingKey.id)) await sealed.remove();
        else await sealed.delete(key);
      } else {
        for (const id of await this.#plain.sealedKeyIds()) plain.replaces.add(id);
      }
      await this.#plain.write(plain);
    });
  }

  async describe(): Promise<StoreDescription> {
    const { path } = this.#options;
    const plain = await this.#plain.read();
    if (plain && plain.entries.size > 0) return { location: path, protection: "none" };
    const [id] = await this.#unreplacedKeyIds(plain);
    return { location: id === undefined ? path : sealedFilePath(path, id), protection: "keychain" };
  }

  /** The sealed entries of the key in the keychain; `null` when nothing can be stored there. */
  async #sealedInUse(plain: CredentialFile | null): Promise<SealedFile | null> {
    const mayExist = async () => (await this.#unreplacedKeyIds(plain)).length > 0;
    let key: SealingKey | null;
    try {
      key = await this.#keys.get(mayExist);
    } catch (error) {
      if (await mayExist()) throw error;
      return null;
    }
    if (key) return plain?.replaces.has(key.id) ? null : this.#sealed(key);
    if (await mayExist()) throw keyMissing(this.#options.path);
    return null;
  }

  async #unreplacedKeyIds(plain: CredentialFile | null): Promise<string[]> {
    return (await this.#plain.sealedKeyIds()).filter((id) => !plain?.replaces.has(id));
  }

  #sealed(key: SealingKey): SealedFile {
    return new SealedFile(this.#options, key);
  }

  #permitted(plain: CredentialFile): CredentialFile {
    if (this.#options.fallback === "file") return plain;
    throw new ClerkCliAuthError("keychain", "The stored credentials are not protected by the keychain", {
      action: 'Sign in again where there is a keychain, or allow keychainFallback: "file"',
    });
  }
}

function keyMissing(path: string): ClerkCliAuthError {
  return new ClerkCliAuthError("storage", `The keychain here has no key for the credentials beside ${path}`, {
    action: "Sign in again",
  });
}

function notSignedIn(): ClerkCliAuthError {
  return new ClerkCliAuthError("storage", "Cannot store credentials as nobody has signed in here", {
    action: "Sign in",
  });
}

function never(): Promise<boolean> {
  return Promise.resolve(false);
}
