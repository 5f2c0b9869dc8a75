import type { Runtime } from "../runtime/runtime.ts";
import type { BuiltInStore } from "./built_in_store.ts";
import type { KeychainFailure } from "./keychain/keychain_failure.ts";
import { credentialFilePath, type CredentialScope, keychainUsername } from "./location.ts";
import { shareStore } from "./share_store.ts";

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
  if (kind === "memory") return (await import("./memory_store.ts")).memoryStore();
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
