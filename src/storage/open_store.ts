import type { Runtime } from "../runtime/runtime.ts";
import type { KeychainFailure } from "./keychain/keychain.ts";
import { credentialFilePath, type CredentialScope, keychainUsername } from "./location.ts";
import { fileError, writeAtomically } from "./own_file.ts";
import type { ClientStore, CrossProcess, Lock, LogoutNotice } from "./store.ts";

/** The built-in stores. */
export type BuiltInStoreKind = "keychain" | "file" | "memory";

export interface BuiltInStoreOptions {
  runtime: Runtime;
  scope: CredentialScope;
  /** The credential file, if not the scope's own. */
  filePath?: string | undefined;
  /** Issuer that sealed records are bound to. Without it, records of any issuer open. */
  issuer?: string | undefined;
  /**
   * Service name of the keychain item.
   * @default "clerk-cli-auth"
   */
  keychainService?: string | undefined;
  /**
   * What a login does if the keychain is unavailable: store in the clear, or fail.
   * @default "file"
   */
  keychainFallback?: "file" | "error" | undefined;
  /** Called after a login stored in the clear, with the reason. */
  onDowngraded?: ((failure: KeychainFailure, path: string) => void) | undefined;
}

/** Opens a built-in store. Only its own code is loaded. */
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

/** What processes share next to a credential file. The locks' code is loaded on first use. */
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
