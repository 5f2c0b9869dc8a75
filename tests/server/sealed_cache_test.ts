import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { SealedCache, type SealedCacheOptions, type TokenCache } from "../doors/server.ts";
import { caught } from "../harness/caught.ts";
import { onFakeClock } from "../harness/fake_clock.ts";
import { createClock } from "./support/clock.ts";

const TOKEN = "ak_0123456789abcdef";
const SECRET_KEY = "sk_test_planted-secret";
const SUBJECT = "user_2abcdefghijklmnopqrstuvwxyz";
const TIMEOUT_MS = 10_000;

/** A store whose content can be read and rewritten, as whoever has access to it could. */
function openStore(): TokenCache & { entries: Map<string, string> } {
  const entries = new Map<string, string>();
  return {
    entries,
    get: (key) => entries.get(key),
    set: (key, value) => void entries.set(key, value),
    delete: (key) => void entries.delete(key),
  };
}

function setUp(options: Partial<SealedCacheOptions> = {}) {
  const clock = createClock();
  const store = openStore();
  const errors: unknown[] = [];
  const create = (changes: Partial<SealedCacheOptions> = {}) =>
    new SealedCache({
      store,
      secretKey: () => SECRET_KEY,
      context: "",
      onError: (error) => errors.push(error),
      timeoutMs: TIMEOUT_MS,
      now: clock.now,
      ...options,
      ...changes,
    });
  const remembered = {
    info: { subject: SUBJECT, type: "api_key" as const, scopes: ["a"] },
    expiresAt: clock.now() + 60_000,
  };
  return { clock, store, errors, create, remembered };
}

/** What {@linkcode SealedCache} keeps, computed by what it says of itself: HKDF, HMAC-SHA-256, AES-256-GCM. */
const KEPT = {
  name: "clerk-cli-auth:1:2HoL_2K78eXCQXUIfC_dI4DZ9ZpSt_Kmn9GehLNuAHk",
  value:
    "AAECAwQFBgcICQoL.S9SdjwnsnMb-Hksxy9JW4oieZpXFt0bFrW093ECQ3gNyzaVQrMVHubm6qUgihEqJOg9tGmE-OnZuHS5FhTrJ4Fn" +
    "nsg63cULUhGmSUhrAqD8ACPlUm5whc5EjgS9Ur5GUuNWQ0nEElOnf5F0lxubFlzFuuK5ZbjwwhwTzzDnxAfTp",
};

describe("SealedCache", () => {
  it("finds what an earlier version stored, under its old name", async () => {
    const { create, remembered, store } = setUp();
    store.entries.set(KEPT.name, KEPT.value);
    assertEquals(await create().get(TOKEN), remembered);
    await create().set(TOKEN, remembered);
    assertEquals([...store.entries.keys()], [KEPT.name]);
  });

  it("returns what it remembers, in another process too", async () => {
    const { create, remembered } = setUp();
    await create().set(TOKEN, remembered);
    assertEquals(await create().get(TOKEN), remembered);
  });

  it("shows the store neither the token nor the subject nor the secret key", async () => {
    const { create, remembered, store } = setUp();
    await create().set(TOKEN, remembered);
    const seen = JSON.stringify([...store.entries]);
    for (const secret of [TOKEN, SUBJECT, SECRET_KEY, btoa(SUBJECT)]) assert(!seen.includes(secret), seen);
  });

  it("never seals a value the same way twice", async () => {
    const { create, remembered, store } = setUp();
    await create().set(TOKEN, remembered);
    const [first] = [...store.entries.values()];
    await create().set(TOKEN, remembered);
    assertNotEquals([...store.entries.values()], [first]);
  });

  it("tells the store how long a value is useful", async () => {
    const ttls: number[] = [];
    const store = {
      ...openStore(),
      set: (_key: string, _value: string, { ttlMs }: { ttlMs: number }) => void ttls.push(ttlMs),
    };
    const { create, remembered, clock } = setUp({ store });
    clock.advance(1_500);
    await create().set(TOKEN, remembered);
    assertEquals(ttls, [58_500]);
  });

  it("honours the expiry inside the value, even if the store keeps it longer", async () => {
    const { create, remembered, clock } = setUp();
    await create().set(TOKEN, remembered);
    clock.advance(59_999);
    assertEquals(await create().get(TOKEN), remembered);
    clock.advance(1);
    assertEquals(await create().get(TOKEN), undefined);
  });

  it("does not store a value that has already expired", async () => {
    const { create, remembered, store, clock } = setUp();
    clock.advance(60_000);
    await create().set(TOKEN, remembered);
    assertEquals(store.entries.size, 0);
  });

  it("shares nothing between instances with different secret keys, nor between policies", async () => {
    const { create, remembered, store } = setUp();
    await create().set(TOKEN, remembered);
    assertEquals(await create({ secretKey: () => "sk_test_another" }).get(TOKEN), undefined);
    assertEquals(await create({ context: '["https://api.example.com"]' }).get(TOKEN), undefined);
    await create({ secretKey: () => "sk_test_another" }).set(TOKEN, remembered);
    assertEquals(store.entries.size, 2);
  });

  it("rejects an identity that was moved to another token's key", async () => {
    const { create, remembered, store } = setUp();
    await create().set("ak_of-the-administrator", remembered);
    const [administrator] = [...store.entries.values()];
    assert(administrator);
    await create().set(TOKEN, remembered);
    for (const name of store.entries.keys()) store.entries.set(name, administrator);
    assertEquals(await create().get(TOKEN), undefined);
    assertEquals(await create().get("ak_of-the-administrator"), remembered);
  });

  it("does not believe a value in which any single character was changed", async () => {
    const { create, remembered, store } = setUp();
    await create().set(TOKEN, remembered);
    const [[name, value] = ["", ""]] = [...store.entries];
    const cache = create();
    for (let index = 0; index < value.length; index++) {
      // The last character of base64url can hold bits that count for nothing.
      if (index === value.indexOf(".") || index === value.length - 1) continue;
      const other = value[index] === "A" ? "B" : "A";
      store.entries.set(name, value.slice(0, index) + other + value.slice(index + 1));
      assertEquals(await cache.get(TOKEN), undefined, `character ${index}`);
    }
  });

  for (
    const forged of [
      "",
      ".",
      "null",
      "{}",
      JSON.stringify({ info: {}, expiresAt: 9e15 }),
      "AAAA.AAAA",
      "a.b.c",
    ]
  ) {
    it(`does not believe a forged value: ${JSON.stringify(forged)}`, async () => {
      const { create, remembered, store, errors } = setUp();
      await create().set(TOKEN, remembered);
      for (const name of store.entries.keys()) store.entries.set(name, forged);
      assertEquals(await create().get(TOKEN), undefined);
      assertEquals(errors, []);
    });
  }

  it("goes on without a store that fails, and reports it", async () => {
    const failure = new Error("the store is down");
    const fail = () => Promise.reject(failure);
    const { create, remembered, errors } = setUp({ store: { get: fail, set: fail, delete: fail } });
    await create().set(TOKEN, remembered);
    assertEquals(await create().get(TOKEN), undefined);
    assertEquals(errors, [failure, failure]);
  });

  for (
    const [how, onError] of [
      ["throws", () => {
        throw new Error("the reporter is down");
      }],
      ["rejects", () => Promise.reject(new Error("the reporter is down"))],
    ] as const
  ) {
    it(`goes on without a store that fails even if onError ${how}`, async () => {
      const fail = () => Promise.reject(new Error("the store is down"));
      const { create, remembered } = setUp({ store: { get: fail, set: fail, delete: fail }, onError });
      await create().set(TOKEN, remembered);
      assertEquals(await create().get(TOKEN), undefined);
    });
  }

  it("goes on without a store that does not respond", async () => {
    const hang = () => new Promise<never>(() => {});
    const { create, errors } = setUp({ store: { get: hang, set: hang, delete: hang } });
    await onFakeClock(async (clock) => {
      const remembered = create().get(TOKEN);
      await clock.untilSet(TIMEOUT_MS);
      await clock.advance(TIMEOUT_MS - 1);
      assertEquals(errors, []);
      await clock.advance(1);
      assertEquals(await remembered, undefined);
    });
    assertEquals(errors.length, 1);
  });

  it("does not go on without a secret key", async () => {
    const { create, errors } = setUp();
    const { code } = await caught(() =>
      create({
        secretKey: () => {
          throw Object.assign(new Error(), { code: "config", [Symbol.for("@clerk/cli-auth/error")]: true });
        },
      }).get(TOKEN)
    );
    assertEquals([code, errors.length], ["config", 0]);
  });
});
