import { ClerkCliAuthError } from "../core/errors.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { CredentialStore } from "./credential_store.ts";
import type { CredentialScope } from "./location.ts";

/** The stores that this package brings. */
export type BuiltInStoreKind = "keychain" | "file" | "memory";

/** What a built-in store is opened with. */
export interface BuiltInStoreOptions {
  runtime: Runtime;
  scope: CredentialScope;
  /** The file, where it is not the scope's own. */
  filePath?: string | undefined;
  onSetAside?: (from: string, to: string) => void;
}

/** Opens a built-in store; only its own code is loaded. */
export async function openBuiltInStore(
  kind: BuiltInStoreKind,
  options: BuiltInStoreOptions,
): Promise<CredentialStore> {
  switch (kind) {
    case "memory": {
      const { memoryStore } = await import("./memory_store.ts");
      return memoryStore();
    }
    case "file": {
      const { fileStore } = await import("./file_store.ts");
      const { credentialFilePath } = await import("./location.ts");
      const { runtime, scope, filePath, ...rest } = options;
      return fileStore({ ...rest, runtime, path: filePath ?? credentialFilePath(runtime, scope) });
    }
    case "keychain":
      throw new ClerkCliAuthError("keychain", "The keychain store is not available in this version", {
        action: 'Use storage: "file"',
      });
  }
}
