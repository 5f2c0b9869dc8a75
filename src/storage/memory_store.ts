import type { CredentialStore } from "./credential_store.ts";

/** A store that lives and dies with the process. */
export function memoryStore(): CredentialStore {
  const entries = new Map<string, string>();
  return {
    get: (key) => entries.get(key) ?? null,
    set: (key, value) => void entries.set(key, value),
    delete: (key) => entries.delete(key),
  };
}
