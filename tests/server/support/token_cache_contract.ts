import { assertEquals } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import type { TokenCache } from "@clerk/cli-auth/server";

/** A cache under test, and how to dispose of it. */
export interface OpenedCache {
  cache: TokenCache;
  close?: () => void | Promise<void>;
}

/** Registers the promises that every token cache keeps. */
export function describeTokenCache(name: string, open: () => OpenedCache | Promise<OpenedCache>): void {
  describe(`${name} as a token cache`, () => {
    let opened: OpenedCache;
    const options = { ttlMs: 120_000 };
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(async () => {
      await opened.close?.();
    });

    it("gives nothing for a key that was never set", async () => {
      assertEquals(await opened.cache.get("missing") ?? null, null);
    });

    it("returns what was set, whatever characters it contains", async () => {
      const value = `{"text":"äöü ${"x".repeat(5_000)}"}`;
      await opened.cache.set("prefix:1:a_b-c", value, options);
      assertEquals(await opened.cache.get("prefix:1:a_b-c"), value);
    });

    it("replaces a value", async () => {
      await opened.cache.set("replaced", "old", options);
      await opened.cache.set("replaced", "new", options);
      assertEquals(await opened.cache.get("replaced"), "new");
    });

    it("tells keys apart that differ only in case", async () => {
      await opened.cache.set("key-A", "upper", options);
      await opened.cache.set("key-a", "lower", options);
      assertEquals([await opened.cache.get("key-A"), await opened.cache.get("key-a")], ["upper", "lower"]);
    });

    it("removes a value, even one that does not exist", async () => {
      await opened.cache.set("removed", "value", options);
      await opened.cache.delete("removed");
      await opened.cache.delete("removed");
      assertEquals(await opened.cache.get("removed") ?? null, null);
    });

    it("accepts a time to live under a second", async () => {
      await opened.cache.set("brief", "value", { ttlMs: 250.5 });
      await opened.cache.delete("brief");
    });
  });
}
