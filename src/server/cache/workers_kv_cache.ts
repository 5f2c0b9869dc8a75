import type { TokenCache } from "./token_cache.ts";

/** What {@linkcode workersKvCache} uses of a Workers KV namespace. */
export interface WorkersKvLike {
  /** Reads an entry. */
  get(key: string): Promise<string | null>;
  /** Writes an entry, to be removed after `expirationTtl` seconds. */
  put(key: string, value: string, options: { expirationTtl: number }): Promise<void>;
  /** Removes an entry. */
  delete(key: string): Promise<void>;
}

/** Workers KV refuses anything shorter. Entries carry their own expiry, so keeping one longer does no harm. */
const MIN_TTL_SECONDS = 60;

/**
 * A token cache in Workers KV, shared by all locations; a change reaches them within about a minute.
 *
 * @param namespace The namespace binding.
 * @returns The cache.
 *
 * @example A worker
 * ```ts
 * import { cliAuth, fetchHandler, workersKvCache, type WorkersKvLike } from "@clerk/cli-auth/server";
 *
 * interface Env {
 *   TOKENS: WorkersKvLike;
 * }
 *
 * export default fetchHandler({
 *   auth: (env: Env) => cliAuth({ env, cache: { ttlMs: 60_000, store: workersKvCache(env.TOKENS) } }),
 * });
 * ```
 */
export function workersKvCache(namespace: WorkersKvLike): TokenCache {
  return {
    get: (key) => namespace.get(key),
    set(key, value, { ttlMs }) {
      const expirationTtl = Math.max(MIN_TTL_SECONDS, Math.ceil(ttlMs / 1000));
      return namespace.put(key, value, { expirationTtl });
    },
    delete: (key) => namespace.delete(key),
  };
}
