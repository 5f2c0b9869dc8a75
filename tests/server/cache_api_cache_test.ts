import { cacheApiCache, type CacheLike } from "@clerk/cli-auth/server";
import { describeTokenCache } from "./support/token_cache_contract.ts";

/** The caches of Workers and Deno; Node and Bun have none. */
const { caches } = globalThis as {
  caches?: { default?: CacheLike; open(name: string): Promise<CacheLike> };
};

if (caches) {
  describeTokenCache("cacheApiCache()", async () => ({
    cache: cacheApiCache(caches.default ?? await caches.open("token-cache-test")),
  }));
}
