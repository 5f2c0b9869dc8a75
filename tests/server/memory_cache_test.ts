import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { memoryCache } from "@clerk/cli-auth/server";
import { installSystemClock } from "./support/clock.ts";
import { describeTokenCache } from "./support/token_cache_contract.ts";

describeTokenCache("memoryCache()", () => ({ cache: memoryCache() }));

describe("memoryCache()", () => {
  it("forgets a value after its time to live", async () => {
    const clock = installSystemClock();
    try {
      const cache = memoryCache();
      await cache.set("key", "value", { ttlMs: 20 });
      await clock.advance(19);
      assertEquals(await cache.get("key"), "value");
      await clock.advance(1);
      assertEquals(await cache.get("key") ?? null, null);
    } finally {
      clock.uninstall();
    }
  });

  it("stays within its bound", async () => {
    const cache = memoryCache({ maxBytes: 10_000 });
    for (let index = 0; index < 100; index++) {
      await cache.set(`key ${index}`, "x".repeat(500), { ttlMs: 60_000 });
    }
    const kept = await Promise.all(Array.from({ length: 100 }, (_, index) => cache.get(`key ${index}`)));
    const count = kept.filter(Boolean).length;
    assertEquals(count > 0 && count <= 20, true, `${count} values were kept`);
  });
});
