import { ClerkCliAuthError } from "../../core/errors.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { type CredentialEntries, listSealedKeyIds, PlainFile, Turns } from "../file_store.ts";
import type { WriteOptions } from "../own_file.ts";
import type { EntryStore, LoginSaveOptions, RetiredEntries, StoreDescription } from "../store.ts";
import { KeychainFailure, keychainItem } from "./keychain.ts";
import { retireSealed, SealedFile, type SealedFileOptions } from "./sealed_file.ts";
import { type SealingKey, SealingKeys } from "./sealing_key.ts";
import { collectionState, type ItemName } from "./secret_service.ts";

interface KeychainStoreOptions extends SealedFileOptions {
  runtime: Runtime;
  /** The item that holds the key. */
  item: ItemName;
  /** What a login does if the keychain is unavailable: store in the clear, or fail. */
  fallback: "file" | "error";
  /** Called after a login stored in the clear, with the reason. */
  onDowngraded?: ((failure: KeychainFailure, path: string) => void) | undefined;
}

/**
 * A store whose records are sealed with a key in the OS keychain. If a login finds no keychain, it writes the plain
 * file, which counts while it exists. Only the next login decides again.
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

  async get(name: string): Promise<string | null> {
    const plain = await this.#plain.read();
    if (plain) return this.#permitted(plain).get(name) ?? null;
    const sealed = await this.#sealedInUse();
    return sealed && await sealed.file.get(name, sealed.key);
  }

  set(name: string, value: string, options: WriteOptions = {}): Promise<void> {
    return this.#turns.take(async () => {
      const plain = await this.#plain.readToReplace();
      if (plain.size > 0) return await this.#plain.write(this.#permitted(plain).set(name, value), options);
      const sealed = await this.#sealedInUse();
      if (!sealed) throw notSignedIn();
      await sealed.file.write(new Map([[name, value]]), sealed.key, { ...options, keepsOthers: true });
    });
  }

  saveLogin(name: string, value: string, { retiresPrevious = false }: LoginSaveOptions = {}): Promise<void> {
    return this.#turns.take(async () => {
      const plain = await this.#plain.readToReplace();
      const isPlain = plain.size > 0;
      plain.set(name, value);
      try {
        const key = await this.#keys.getOrCreate();
        const retires = retiresPrevious || isPlain; // What is sealed next to a plain file was never revoked.
        await this.#sealed(key.id).write(plain, key, { keepsOthers: !isPlain, retires });
        await this.#plain.write(new Map());
      } catch (error) {
        if (this.#options.fallback === "error" || !isMissing(error)) throw error;
        await this.#plain.write(plain);
        await retireSealed(this.#options, name);
        this.#options.onDowngraded?.(error, this.#options.path);
      }
    });
  }

  /** Never prompts. */
  delete(name: string): Promise<void> {
    return this.#turns.take(async () => {
      for (const file of await this.#reachable()) await file.delete(name);
      const plain = await this.#plain.readToReplace();
      plain.delete(name);
      await this.#plain.write(plain);
    });
  }

  readonly retired: RetiredEntries = {
    retire: (name) =>
      this.#turns.take(async () => {
        let isRetired = false;
        for (const file of await this.#reachable()) {
          isRetired = await file.retire(name, { keepsOthers: true }) || isRetired;
        }
        const plain = await this.#plain.readToReplace();
        const isPlain = plain.delete(name);
        await this.#plain.write(plain);
        return isRetired && !isPlain;
      }),
    read: async (name) => {
      const files = await this.#sealedFiles();
      const areThere = (await Promise.all(files.map((file) => file.hasRetired()))).includes(true);
      if (!areThere) return [];
      const key = await this.#keys.get(() => Promise.resolve(true));
      if (!key) throw keyMissing(this.#options.path);
      return await this.#sealed(key.id).retired(name, key);
    },
    write: (name, values) =>
      this.#turns.take(async () => {
        const key = await this.#keys.get(never);
        if (key) await this.#sealed(key.id).setRetired(name, values, key);
      }),
  };

  async hasKey(): Promise<boolean> {
    if (await this.#keys.get(() => Promise.resolve(true))) return true;
    const { runtime } = this.#options;
    const isLocked = runtime.platform === "linux" && await collectionState(runtime) === "locked";
    if (isLocked) throw new KeychainFailure("locked");
    return false;
  }

  async describe(): Promise<StoreDescription> {
    const { path } = this.#options;
    if (await this.#plain.read()) return { location: path, protection: "none" };
    const inUse = await this.#firstInUse();
    return { location: inUse?.path ?? path, protection: "keychain" };
  }

  /** Finds the sealed file of the keychain's key; `null` if nothing can be stored there. */
  async #sealedInUse(): Promise<{ file: SealedFile; key: SealingKey } | null> {
    const mayExist = async () => await this.#firstInUse() !== undefined;
    let key: SealingKey | null;
    try {
      key = await this.#keys.get(mayExist);
    } catch (error) {
      if (await mayExist()) throw error;
      return null;
    }
    if (key) return { file: this.#sealed(key.id), key };
    if (await mayExist()) throw keyMissing(this.#options.path);
    return null;
  }

  async #firstInUse(): Promise<SealedFile | undefined> {
    for (const file of await this.#sealedFiles()) if (await file.isInUse()) return file;
    return undefined;
  }

  /** Finds the sealed file of the keychain's key, or all sealed files if it takes a prompt to know. */
  async #reachable(): Promise<SealedFile[]> {
    const key = await this.#keys.get(never).catch(() => null);
    return key ? [this.#sealed(key.id)] : await this.#sealedFiles();
  }

  async #sealedFiles(): Promise<SealedFile[]> {
    return (await listSealedKeyIds(this.#options)).map((keyId) => this.#sealed(keyId));
  }

  #sealed(keyId: string): SealedFile {
    return new SealedFile(this.#options, keyId);
  }

  #permitted(plain: CredentialEntries): CredentialEntries {
    if (this.#options.fallback === "file") return plain;
    throw new ClerkCliAuthError("keychain", "The stored credentials are not protected by the keychain", {
      action: 'Sign in again where there is a keychain, or allow keychainFallback: "file"',
    });
  }
}

/** Only a missing keychain permits storing in the clear. A locked or slow one comes back. */
function isMissing(error: unknown): error is KeychainFailure {
  return error instanceof KeychainFailure && error.reason === "missing";
}

function keyMissing(path: string): ClerkCliAuthError {
  return new ClerkCliAuthError("storage", `The keychain here has no key for the credentials beside ${path}`, {
    action: "Sign in again",
  });
}

function notSignedIn(): ClerkCliAuthError {
  return new ClerkCliAuthError("storage", "Cannot store credentials: nobody has signed in here", {
    action: "Sign in",
  });
}

function never(): Promise<boolean> {
  return Promise.resolve(false);
}
