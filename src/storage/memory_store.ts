import type { BuiltInStore } from "./built_in_store.ts";

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
