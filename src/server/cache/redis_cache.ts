import type { TokenCache } from "./token_cache.ts";

/** Sends one Redis command and resolves to its reply. */
export type SendRedisCommand = (command: [name: string, ...args: string[]]) => Promise<unknown>;

/**
 * A token cache in Redis, through any client.
 *
 * @param send Sends a command: `(command) => redis.sendCommand(command)` with `redis`,
 * `([name, ...args]) => redis.call(name, ...args)` with `ioredis`, `([name, ...args]) => redis.send(name, args)` with
 * Bun's client.
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
