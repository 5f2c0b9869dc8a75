import type { TokenCache } from "./token_cache.ts";

/** What {@linkcode cacheApiCache} uses of a `Cache`. */
export interface CacheLike {
  /** Finds the response for a URL. */
  match(url: string): Promise<Response | undefined>;
  /** Stores the response for a URL. */
  put(url: string, response: Response): Promise<void>;
  /** Removes the response for a URL. */
  delete(url: string): Promise<boolean>;
}

/** A host that cannot exist (RFC 6761, section 6.4): no entry is ever mistaken for a real page. */
const ORIGIN = "https://clerk-cli-auth.invalid/";

/**
 * A token cache in the Cache API. On Workers, each data centre has its own.
 *
 * @param cache The cache: `caches.default` on Workers, `await caches.open(name)` in Deno.
 * @returns The token cache.
 *
 * @example A named cache; on Workers, `caches.default` works too
 * ```ts
 * import { cacheApiCache, cliAuth } from "@clerk/cli-auth/server";
 *
 * const store = cacheApiCache(await caches.open("tokens"));
 * const auth = cliAuth({ clientIds: ["your-oauth-client-id"], cache: { ttlMs: 60_000, store } });
 * ```
 */
export function cacheApiCache(cache: CacheLike): TokenCache {
  const urlOf = (key: string) => ORIGIN + encodeURIComponent(key);
  return {
    async get(key) {
      const response = await cache.match(urlOf(key));
      return response ? await response.text() : null;
    },
    async set(key, value, { ttlMs }) {
      const headers = { "cache-control": `max-age=${Math.ceil(ttlMs / 1000)}` };
      await cache.put(urlOf(key), new Response(value, { headers }));
    },
    async delete(key) {
      await cache.delete(urlOf(key));
    },
  };
}
