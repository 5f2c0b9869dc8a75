import type { TokenCache } from "./token_cache.ts";

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
 * A token cache in Deno KV, shared by all instances of a deployment.
 *
 * @param kv The database, from `Deno.openKv()`.
 * @returns The cache.
 *
 * @example With `--unstable-kv`; `Deno.openKv()` opens the project's database
 * ```ts
 * import { cliAuth, denoKvCache } from "@clerk/cli-auth/server";
 *
 * const kv = await Deno.openKv(":memory:");
 * const store = denoKvCache(kv);
 * const auth = cliAuth({ clientIds: ["your-oauth-client-id"], cache: { ttlMs: 60_000, store } });
 * kv.close();
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
