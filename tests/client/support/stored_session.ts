import type { TokenSet } from "../../doors/core.ts";
import type { CredentialStore } from "../../doors/storage.ts";

/** A custom store that already holds a session. */
export interface StoredSession extends CredentialStore {
  /** What is stored, if anything. */
  record(): Record<string, unknown> | undefined;
  /** Replaces what is stored, as another process might. */
  put(record: TokenSet & { savedAt?: number }): void;
}

/** Creates a store that holds a session, saved long ago by default. */
export function storedSession(tokens: TokenSet & { savedAt?: number }): StoredSession {
  const entries = new Map<string, string>();
  const put: StoredSession["put"] = (record) => void entries.set("tokens", JSON.stringify(record));
  put({ savedAt: 0, ...tokens });
  return {
    get: (key) => entries.get(key),
    set: (key, value) => void entries.set(key, value),
    delete: (key) => entries.delete(key),
    record: () => JSON.parse(entries.get("tokens") ?? "null") ?? undefined,
    put,
  };
}
