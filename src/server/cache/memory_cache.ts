import { BoundedMap } from "../limits/bounded_map.ts";
import type { TokenCache } from "./token_cache.ts";

/** The options of {@linkcode memoryCache}. */
export interface MemoryCacheOptions {
  /**
   * The size of all entries together, in bytes; the least recently used make room for new ones.
   * @default 16777216 (16 MiB)
   */
  maxBytes?: number;
}

/**
 * A token cache in this process, for several verifiers to share. A single verifier needs none: it remembers what it
 * has verified anyway.
 *
 * @param options How large it may grow.
 * @returns The cache.
 *
 * @example
 * ```ts
 * import { cliAuth, memoryCache } from "@clerk/cli-auth/server";
 *
 * const store = memoryCache({ maxBytes: 1_000_000 });
 * const auth = cliAuth({ cache: { ttlMs: 60_000, store } });
 * ```
 */
export function memoryCache({ maxBytes = 16 * 1024 * 1024 }: MemoryCacheOptions = {}): TokenCache {
  const entries = new BoundedMap<string>({ maxBytes, now: Date.now });
  return {
    get: (key) => entries.get(key),
    set: (key, value, { ttlMs }) =>
      entries.set(key, value, { bytes: value.length, expiresAt: Date.now() + ttlMs }),
    delete: (key) => entries.delete(key),
  };
}
