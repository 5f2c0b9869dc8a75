import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  cacheApiCache,
  type CacheLike,
  denoKvCache,
  type DenoKvLike,
  memoryCache,
  redisCache,
  type TokenCache,
  workersKvCache,
  type WorkersKvLike,
} from "@clerk/cli-auth/server";
import { describeTokenCache } from "./support/token_cache_contract.ts";

/** A cache over a platform that does what its documentation says, and what the platform was asked for. */
interface Recorded {
  cache: TokenCache;
  asked: unknown[][];
}

function overRedis(): Recorded {
  const entries = new Map<string, string>();
  const asked: unknown[][] = [];
  const cache = redisCache(([name, key = "", value = "", ...rest]) => {
    asked.push([name, key, value, ...rest].filter(Boolean));
    if (name === "SET") entries.set(key, value);
    const reply = {
      GET: entries.get(key) ?? null,
      SET: "OK",
      DEL: name === "DEL" && entries.delete(key) ? 1 : 0,
    };
    return Promise.resolve(reply[name as keyof typeof reply]);
  });
  return { cache, asked };
}

function overDenoKv(): Recorded {
  const entries = new Map<string, unknown>();
  const asked: unknown[][] = [];
  const kv: DenoKvLike = {
    get(key) {
      asked.push(["get", ...key]);
      return Promise.resolve({ value: entries.get(key.join("/")) ?? null });
    },
    set(key, value, options) {
      asked.push(["set", ...key, value, options]);
      return Promise.resolve(entries.set(key.join("/"), value));
    },
    delete(key) {
      asked.push(["delete", ...key]);
      entries.delete(key.join("/"));
      return Promise.resolve();
    },
  };
  return { cache: denoKvCache(kv), asked };
}

function overWorkersKv(): Recorded {
  const entries = new Map<string, string>();
  const asked: unknown[][] = [];
  const namespace: WorkersKvLike = {
    get(key) {
      asked.push(["get", key]);
      return Promise.resolve(entries.get(key) ?? null);
    },
    put(key, value, options) {
      asked.push(["put", key, value, options]);
      entries.set(key, value);
      return Promise.resolve();
    },
    delete(key) {
      asked.push(["delete", key]);
      entries.delete(key);
      return Promise.resolve();
    },
  };
  return { cache: workersKvCache(namespace), asked };
}

function overCacheApi(): Recorded {
  const entries = new Map<string, Response>();
  const asked: unknown[][] = [];
  const api: CacheLike = {
    match(url) {
      asked.push(["match", url]);
      return Promise.resolve(entries.get(new URL(url).href)?.clone());
    },
    async put(url, response) {
      asked.push(["put", url, await response.clone().text(), response.headers.get("cache-control")]);
      entries.set(new URL(url).href, response);
    },
    delete(url) {
      asked.push(["delete", url]);
      return Promise.resolve(entries.delete(new URL(url).href));
    },
  };
  return { cache: cacheApiCache(api), asked };
}

const CACHES: [name: string, open: () => Recorded, asked: unknown[][]][] = [
  ["redisCache()", overRedis, [["SET", "key", "value", "PX", "60001"], ["GET", "key"], ["DEL", "key"]]],
  ["denoKvCache()", overDenoKv, [
    ["set", "clerk-cli-auth", "key", "value", { expireIn: 60_001 }],
    ["get", "clerk-cli-auth", "key"],
    ["delete", "clerk-cli-auth", "key"],
  ]],
  ["workersKvCache()", overWorkersKv, [
    ["put", "key", "value", { expirationTtl: 61 }],
    ["get", "key"],
    ["delete", "key"],
  ]],
  ["cacheApiCache()", overCacheApi, [
    ["put", "https://clerk-cli-auth.invalid/key", "value", "max-age=61"],
    ["match", "https://clerk-cli-auth.invalid/key"],
    ["delete", "https://clerk-cli-auth.invalid/key"],
  ]],
];

for (const [name, open, expected] of CACHES) {
  describeTokenCache(`${name} over a platform in memory`, open);

  describe(name, () => {
    it("asks the platform for no more than it declares, and never for too short a time to live", async () => {
      const { cache, asked } = open();
      await cache.set("key", "value", { ttlMs: 60_000.5 });
      await cache.get("key");
      await cache.delete("key");
      assertEquals(asked, expected);
    });
  });
}

describe("cacheApiCache()", () => {
  it("keeps a key in one path segment, whatever characters it contains", async () => {
    const { cache, asked } = overCacheApi();
    await cache.get("a/../b?c#d");
    assertEquals(asked, [["match", "https://clerk-cli-auth.invalid/a%2F..%2Fb%3Fc%23d"]]);
  });
});

describe("workersKvCache()", () => {
  it("respects the shortest time to live that Workers KV accepts", async () => {
    const { cache, asked } = overWorkersKv();
    for (const ttlMs of [1, 59_000, 60_001, 3_600_000]) await cache.set("key", "value", { ttlMs });
    const ttls = [60, 60, 61, 3_600];
    assertEquals(asked, ttls.map((expirationTtl) => ["put", "key", "value", { expirationTtl }]));
  });
});

describe("a cache whose platform holds something other than text", () => {
  for (
    const [name, cache] of [
      ["redisCache()", redisCache(() => Promise.resolve(7))],
      [
        "denoKvCache()",
        denoKvCache({
          get: () => Promise.resolve({ value: { forged: true } }),
          set: () => Promise.resolve(),
          delete: () => Promise.resolve(),
        }),
      ],
    ] as const
  ) {
    it(`has nothing: ${name}`, async () => assertEquals(await cache.get("key"), null));
  }
});

describe("memoryCache()", () => {
  it("removes what it is told to", async () => {
    const cache = memoryCache();
    await cache.set("key", "value", { ttlMs: 60_000 });
    await cache.delete("key");
    assertEquals(await cache.get("key"), undefined);
  });
});
