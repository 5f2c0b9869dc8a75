import { assertEquals } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { workersKvCache, type WorkersKvLike } from "@clerk/cli-auth/server";
import { Miniflare } from "npm:miniflare@4.20260730.0";
import { describeTokenCache } from "../server/support/token_cache_contract.ts";

async function openNamespace(): Promise<{ namespace: WorkersKvLike; close: () => Promise<void> }> {
  const miniflare = new Miniflare({
    modules: true,
    script: "export default { fetch: () => new Response() };",
    kvNamespaces: ["TOKENS"],
    compatibilityDate: "2026-07-01",
  });
  const namespace = await miniflare.getKVNamespace("TOKENS") as unknown as WorkersKvLike;
  return { namespace, close: () => miniflare.dispose() };
}

describeTokenCache("workersKvCache()", async () => {
  const { namespace, close } = await openNamespace();
  return { cache: workersKvCache(namespace), close };
});

describe("workersKvCache()", () => {
  let opened: Awaited<ReturnType<typeof openNamespace>>;
  beforeAll(async () => {
    opened = await openNamespace();
  });
  afterAll(() => opened.close());

  it("keeps within the shortest time to live that Workers KV takes", async () => {
    const ttls: number[] = [];
    const cache = workersKvCache({
      get: (key) => opened.namespace.get(key),
      delete: (key) => opened.namespace.delete(key),
      put: (key, value, options) => {
        ttls.push(options.expirationTtl);
        return opened.namespace.put(key, value, options);
      },
    });
    for (const ttlMs of [1, 59_000, 60_001, 3_600_000]) await cache.set("key", "value", { ttlMs });
    assertEquals(ttls, [60, 60, 61, 3_600]);
  });
});
