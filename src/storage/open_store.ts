import type { Runtime } from "../runtime/runtime.ts";
import type { KeychainFailure } from "./keychain/keychain.ts";
import { credentialFilePath, type CredentialScope, keychainUsername } from "./location.ts";
import type { CredentialLock } from "./lock/lock.ts";
import { fileError, writeAtomically } from "./own_file.ts";
import type { BuiltInStore, SharedStore, Tombstone } from "./store.ts";

/** A store that lives and dies with the process. */
export function memoryStore(): BuiltInStore {
  const entries = new Map<string, string>();
  const set = (key: string, value: string) => Promise.resolve(void entries.set(key, value));
  return {
    get: (key) => entries.get(key) ?? null,
    set,
    delete: (key) => entries.delete(key),
    saveLogin: set,
    describe: () => Promise.resolve({ location: "memory", protection: "memory" }),
  };
}

/** The stores that this package brings. */
export type BuiltInStoreKind = "keychain" | "file" | "memory";

/** What a built-in store is opened with. */
export interface BuiltInStoreOptions {
  runtime: Runtime;
  scope: CredentialScope;
  /** The file, where it is not the scope's own. */
  filePath?: string | undefined;
  /** The issuer that sealed records are bound to; without it they are opened whatever their issuer. */
  issuer?: string | undefined;
  /**
   * The service of the keychain item.
   * @default "clerk-cli-auth"
   */
  keychainService?: string | undefined;
  /**
   * Whether a login may store in the clear where the keychain does not serve.
   * @default "file"
   */
  keychainFallback?: "file" | "error" | undefined;
  /** Hears of a corrupt file that was set aside. */
  onSetAside?: ((from: string, to: string) => void) | undefined;
  /** Hears that a login has stored in the clear, and why. */
  onDowngraded?: ((failure: KeychainFailure, path: string) => void) | undefined;
}

/** Opens a built-in store; only its own code is loaded. */
export async function openBuiltInStore(
  kind: BuiltInStoreKind,
  { runtime, scope, filePath, onSetAside, ...options }: BuiltInStoreOptions,
): Promise<BuiltInStore> {
  if (kind === "memory") return memoryStore();
  const path = filePath ?? credentialFilePath(runtime, scope);
  const sharing = { runtime, path };
  if (kind === "file") {
    return shareStore((await import("./file_store.ts")).fileStore({ runtime, path, onSetAside }), sharing);
  }
  const { KeychainStore } = await import("./keychain/keychain_store.ts");
  const { application: clientId, environment, profile } = scope;
  const { issuer, keychainService: service = "clerk-cli-auth", keychainFallback: fallback = "file" } =
    options;
  const store = new KeychainStore({
    runtime,
    path,
    scope: { issuer, clientId, environment, profile },
    item: { service, username: keychainUsername(scope) },
    fallback,
    onSetAside,
    onDowngraded: options.onDowngraded,
  });
  return shareStore(store, sharing);
}

/** Where a store keeps what it shares with other processes. */
export interface SharingOptions {
  runtime: Runtime;
  /** The credential file; the locks and the tombstone stand beside it. */
  path: string;
}

/** Gives a store that several processes use its locks and its tombstone; the code of the locks is loaded when they are used. */
export function shareStore(store: BuiltInStore, { runtime, path }: SharingOptions): SharedStore {
  return {
    get: (key) => store.get(key),
    set: (key, value, options) => store.set(key, value, options),
    delete: (key) => store.delete(key),
    saveLogin: (key, value) => store.saveLogin(key, value),
    describe: () => store.describe(),
    withLock: async (task, options) => await (await openLock(runtime, path)).withLock(task, options),
    withLoginLock: async (task, options) =>
      await (await openLock(runtime, `${path}.login`)).withLock(task, options),
    tombstone: tombstone(runtime, path),
  };
}

async function openLock(runtime: Runtime, path: string): Promise<CredentialLock> {
  return (await import("./lock/lock.ts")).credentialLock({ runtime, path });
}

/** The tombstone beside a credential file. */
export function tombstone(runtime: Runtime, credentialPath: string): Tombstone {
  const path = `${credentialPath}.ended`;
  const guarded = <T>(verb: string, operation: Promise<T>) =>
    operation.catch((error) => {
      throw fileError(verb, path, error);
    });
  return {
    read: async () => (await guarded("read", runtime.files.readText(path)))?.trim() ?? null,
    write: (refreshTokenHash) => guarded("write", writeAtomically(runtime, path, `${refreshTokenHash}\n`)),
  };
}
