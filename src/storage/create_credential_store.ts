import { ClerkCliAuthError } from "../core/errors.ts";
import { parseIssuer } from "../core/issuer.ts";
import { loadRuntime } from "../runtime/load.ts";
import type { BuiltInStoreKind } from "./open_store.ts";
import type { ClientStore, CredentialStore } from "./store.ts";

/** What a credential store is created with. */
export interface CredentialStoreOptions {
  /**
   * The client id of the OAuth application; it has a file of its own.
   * @default the `keychainService`
   */
  clientId?: string;
  /**
   * The service of the keychain item, and the name of the file's directory where no client id is given.
   * @default "clerk-cli-auth"
   */
  keychainService?: string;
  /**
   * Keeps the credentials of several environments apart.
   * @default "default"
   */
  environment?: string;
  /** The credential file, in place of the one in the user's configuration directory. */
  filePath?: string;
  /** The issuer that the credentials are bound to; without it sealed ones are opened whatever their issuer. */
  issuer?: string;
  /** The profile of that name, in place of the default one. */
  profile?: string;
  /**
   * What becomes of credentials if the keychain is unavailable: they are stored in the clear, or not at all.
   * @default "file"
   */
  keychainFallback?: "file" | "error";
}

/**
 * Creates one of the built-in stores, to read or move credentials by hand. It is opened on first use.
 *
 * @param kind Which one.
 * @param options What it belongs to.
 * @returns The store.
 * @throws {ClerkCliAuthError} `config` when there is no such kind; the store's methods reject with `storage`.
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
    // By hand there is no login that would come first.
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
