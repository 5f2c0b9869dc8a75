import { ClerkCliAuthError } from "../core/errors.ts";
import { parseIssuer } from "../core/issuer.ts";
import { loadRuntime } from "../runtime/load.ts";
import type { BuiltInStoreKind } from "./open_store.ts";
import type { ClientStore, CredentialStore } from "./store.ts";

/** Options of `createCredentialStore()`. */
export interface CredentialStoreOptions {
  /**
   * OAuth client ID. Each client has its own file.
   * @default the `keychainService`
   */
  clientId?: string;
  /**
   * Service name of the keychain item, and of the file's directory if there is no `clientId`.
   * @default "clerk-cli-auth"
   */
  keychainService?: string;
  /**
   * Separates the credentials of different environments.
   * @default "default"
   */
  environment?: string;
  /** Path of the credential file, instead of the one in the user's configuration directory. */
  filePath?: string;
  /** Issuer the credentials are bound to. Without it, sealed credentials open whatever their issuer. */
  issuer?: string;
  /** Name of the profile, instead of the default one. */
  profile?: string;
  /**
   * What to do if the keychain is unavailable: store in the clear, or fail.
   * @default "file"
   */
  keychainFallback?: "file" | "error";
}

/**
 * Creates a built-in store, to read or move credentials by hand. It opens on first use.
 *
 * @param kind Which store.
 * @param options Whose credentials it holds, and where.
 * @returns The store.
 * @throws {ClerkCliAuthError} `config` if there is no such kind; the store's methods reject with `storage`.
 *
 * @example
 * ```ts
 * import { createCredentialStore } from "@clerk/cli-auth";
 *
 * const store = createCredentialStore("memory");
 * await store.set("tokens", JSON.stringify({ accessToken: "…" }));
 * console.log(await store.get("tokens"));
 * ```
 */
export function createCredentialStore(
  kind: BuiltInStoreKind,
  options: CredentialStoreOptions = {},
): CredentialStore {
  if (!["keychain", "file", "memory"].includes(kind)) {
    throw new ClerkCliAuthError("config", `'kind' must be "keychain", "file" or "memory": got "${kind}"`);
  }
  let opened: Promise<ClientStore> | undefined;
  const open = () => opened ??= openStore(kind, options);
  return {
    get: async (key) => await (await open()).get(key),
    // `store.set()` needs an earlier login. Here there is none.
    set: async (key, value) => await (await open()).saveLogin(key, value),
    delete: async (key) => await (await open()).delete(key),
    ...(kind !== "memory" &&
      { withLock: (task, options) => open().then((store) => store.withLock(() => task(), options)) }),
  };
}

async function openStore(kind: BuiltInStoreKind, options: CredentialStoreOptions): Promise<ClientStore> {
  const { openBuiltInStore } = await import("./open_store.ts");
  const {
    keychainService = "clerk-cli-auth",
    clientId = keychainService,
    environment = "default",
    profile,
    issuer,
    ...rest
  } = options;
  return await openBuiltInStore(kind, {
    ...rest,
    runtime: await loadRuntime(),
    scope: { application: clientId, environment, profile },
    issuer: issuer === undefined ? undefined : parseIssuer(issuer),
    keychainService,
  });
}
