import { type BuiltInStoreKind, createCredentialStore } from "@clerk/cli-auth";
import { type Operations, VALUE } from "./operations.ts";

/** A store of this package. */
export function ownStore(kind: BuiltInStoreKind, filePath?: string): Operations {
  const store = createCredentialStore(kind, {
    clientId: `store-${kind}`,
    keychainFallback: "error",
    ...(filePath !== undefined && { filePath }),
  });
  return {
    set: () => store.set("tokens", VALUE),
    get: () => store.get("tokens"),
    delete: () => store.delete("tokens"),
  };
}
