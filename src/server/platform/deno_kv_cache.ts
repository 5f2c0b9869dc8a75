import type { TokenCache } from "../token_cache.ts";

/** What {@linkcode denoKvCache} uses of a `Deno.Kv`. */
export interface DenoKvLike {
  /** Reads an entry. */
  get(key: readonly string[]): Promise<{ value: unknown }>;
  /** Writes an entry, to be removed after `expireIn` milliseconds. */
  set(key: readonly string[], value: string, options: { expireIn: number }): Promise<unknown>;
  /** Removes an entry. */
  delete(key: readonly string[]): Promise<void>;
}

const FOLDER = "clerk-cli-auth";

/**
 * A token cache in Deno KV, which all instances of a deployment share.
 *
 * @param kv The database, from `Deno.openKv()`.
 * @returns The cache.
 *
 * @example
 * ```ts ignore
 * import { cliAuth, denoKvCache } from "@clerk/cli-auth/server";
 *
 * const auth = cliAuth({ cache: { ttlMs: 60_000, store: denoKvCache(await Deno.openKv()) } });
 * ```
 */
export function denoKvCache(kv: DenoKvLike): TokenCache {
  return {
    async get(key) {
      const { value } = await kv.get([FOLDER, key]);
      return typeof value === "string" ? value : null;
    },
    async set(key, value, { ttlMs }) {
      await kv.set([FOLDER, key], value, { expireIn: Math.ceil(ttlMs) });
    },
    delete: (key) => kv.delete([FOLDER, key]),
  };
}
