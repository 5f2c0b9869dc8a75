import { BoundedMap } from "../limits/by_key.ts";
import type { TokenCache } from "../types.ts";

/** The part of a `Cache` that {@linkcode cacheApiCache} uses. */
export interface CacheLike {
  /** Finds the response for a URL. */
  match(url: string): Promise<Response | undefined>;
  /** Stores the response for a URL. */
  put(url: string, response: Response): Promise<void>;
  /** Removes the response for a URL. */
  delete(url: string): Promise<boolean>;
}

/** A host that cannot exist (RFC 6761, section 6.4), so that entries never collide with real pages. */
const ORIGIN = "https://clerk-cli-auth.invalid/";

/**
 * Creates a token cache in the Cache API. On Workers, each data center has its own.
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

/** The part of a `Deno.Kv` that {@linkcode denoKvCache} uses. */
export interface DenoKvLike {
  /** Reads an entry. */
  get(key: readonly string[]): Promise<{ value: unknown }>;
  /** Writes an entry that expires after `expireIn` milliseconds. */
  set(key: readonly string[], value: string, options: { expireIn: number }): Promise<unknown>;
  /** Removes an entry. */
  delete(key: readonly string[]): Promise<void>;
}

const PREFIX = "clerk-cli-auth";

/**
 * Creates a token cache in Deno KV, shared by all instances of a deployment.
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
      const { value } = await kv.get([PREFIX, key]);
      return typeof value === "string" ? value : null;
    },
    async set(key, value, { ttlMs }) {
      await kv.set([PREFIX, key], value, { expireIn: Math.ceil(ttlMs) });
    },
    delete: (key) => kv.delete([PREFIX, key]),
  };
}

/** The part of a Workers KV namespace that {@linkcode workersKvCache} uses. */
export interface WorkersKvLike {
  /** Reads an entry. */
  get(key: string): Promise<string | null>;
  /** Writes an entry that expires after `expirationTtl` seconds. */
  put(key: string, value: string, options: { expirationTtl: number }): Promise<void>;
  /** Removes an entry. */
  delete(key: string): Promise<void>;
}

/** The minimum that Workers KV accepts. Longer is harmless, because entries contain their own expiry. */
const MIN_TTL_SECONDS = 60;

/**
 * Creates a token cache in Workers KV, shared by all locations. Changes take about a minute to reach them.
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

/** Sends a Redis command and resolves to its reply. */
export type SendRedisCommand = (command: [name: string, ...args: string[]]) => Promise<unknown>;

/**
 * Creates a token cache in Redis, with any client.
 *
 * @param send Sends a command: `(command) => redis.sendCommand(command)` with `redis`,
 * `([name, ...args]) => redis.call(name, ...args)` with `ioredis`,
 * `([name, ...args]) => redis.send(name, args)` with Bun's client.
 * @returns The cache.
 *
 * @example What it sends
 * ```ts
 * import { redisCache } from "@clerk/cli-auth/server";
 *
 * const store = redisCache((command) => Promise.resolve(console.log(command.join(" "))));
 * await store.set("key", "value", { ttlMs: 60_000 }); // SET key value PX 60000
 * ```
 *
 * @example With the package `redis`
 * ```ts ignore
 * import { cliAuth, redisCache } from "@clerk/cli-auth/server";
 * import { createClient } from "redis";
 *
 * const redis = await createClient({ url: "redis://127.0.0.1:6379" }).connect();
 * const store = redisCache((command) => redis.sendCommand(command));
 * const auth = cliAuth({ cache: { ttlMs: 60_000, store } });
 * ```
 */
export function redisCache(send: SendRedisCommand): TokenCache {
  return {
    async get(key) {
      const value = await send(["GET", key]);
      return typeof value === "string" ? value : null;
    },
    async set(key, value, { ttlMs }) {
      await send(["SET", key, value, "PX", String(Math.ceil(ttlMs))]);
    },
    async delete(key) {
      await send(["DEL", key]);
    },
  };
}

/** The options of {@linkcode memoryCache}. */
export interface MemoryCacheOptions {
  /**
   * The maximum size of all entries, in bytes. The least recently used entries make room for new ones.
   * @default 16777216 (16 MiB)
   */
  maxBytes?: number;
}

/**
 * Creates a token cache in memory, shared by several verifiers. A single verifier does not need one: it
 * remembers verified tokens anyway.
 *
 * @param options The size limit.
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
