import type { Runtime } from "../runtime/runtime.ts";
import type { KeychainFailure } from "./keychain/keychain.ts";
import { credentialFilePath, type CredentialScope, keychainUsername } from "./location.ts";
import { fileError, writeAtomically } from "./own_file.ts";
import type { ClientStore, CrossProcess, Lock, LogoutNotice } from "./store.ts";

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
   * Whether a login may store in the clear if the keychain is unavailable.
   * @default "file"
   */
  keychainFallback?: "file" | "error" | undefined;
  /** Called when a login has stored in the clear, and why. */
  onDowngraded?: ((failure: KeychainFailure, path: string) => void) | undefined;
}

/** Opens a built-in store; only its own code is loaded. */
export async function openBuiltInStore(
  kind: BuiltInStoreKind,
  { runtime, scope, filePath, ...options }: BuiltInStoreOptions,
): Promise<ClientStore> {
  if (kind === "memory") return (await import("./custom_store.ts")).memoryStore();
  const path = filePath ?? credentialFilePath(runtime, scope);
  const locks = locksBeside(runtime, path);
  if (kind === "file") {
    const { fileStore } = await import("./file_store.ts");
    const retireSealed = async (key: string) =>
      await (await import("./keychain/sealed_file.ts")).retireSealed({ runtime, path }, key);
    return Object.assign(fileStore({ runtime, path, retireSealed }), locks);
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
    onDowngraded: options.onDowngraded,
  });
  return Object.assign(store, locks);
}

/** What processes share beside a credential file. The code of the locks is loaded when they are used. */
function locksBeside(runtime: Runtime, path: string): { withLock: Lock; crossProcess: CrossProcess } {
  const lockAt = (path: string): Lock => async (task, options) =>
    await (await import("./lock/lock.ts")).credentialLock({ runtime, path }).withLock(task, options);
  return {
    withLock: lockAt(path),
    crossProcess: {
      withLoginLock: lockAt(`${path}.login`),
      mayBeHeld: async () =>
        await (await import("./lock/lock.ts")).credentialLock({ runtime, path }).mayBeHeld(),
      logoutNotice: logoutNotice(runtime, path),
    },
  };
}

/** The logout notice beside a credential file. */
export function logoutNotice(runtime: Runtime, credentialPath: string): LogoutNotice {
  const path = `${credentialPath}.ended`;
  return {
    async read() {
      try {
        return (await runtime.files.readText(path))?.trim() ?? null;
      } catch (error) {
        throw fileError("read", path, error);
      }
    },
    async write(refreshTokenHash) {
      try {
        await writeAtomically(runtime, path, `${refreshTokenHash}\n`);
      } catch (error) {
        throw fileError("write", path, error);
      }
    },
  };
}
