import { assert, assertEquals } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { cliAuth, handle, memoryCache } from "@clerk/cli-auth/server";
import { createCliAuth } from "../doors/server.ts";
import { caught } from "../harness/caught.ts";
import type { FakeClock } from "../harness/fake_clock.ts";
import { installSystemClock } from "./support/clock.ts";
import { startInstance } from "./support/instance.ts";
import { requestWith } from "./support/request_with.ts";
import { createSoloClient } from "./support/solo_client.ts";

/** How often each outcome came. */
async function tally(outcomes: Promise<unknown>[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const settled of await Promise.allSettled(outcomes)) {
    const name = settled.status === "fulfilled"
      ? "accepted"
      : settled.reason.oauthError ?? settled.reason.code;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

/** What is remembered, and how much may be asked, goes by the clock: it stands still. */
let clock: FakeClock;
const startClock = () => void (clock = installSystemClock());
const endClock = () => clock.uninstall();

describe("sparing Clerk", () => {
  beforeEach(startClock);
  afterEach(endClock);

  it("asks nothing about text that cannot be a credential", async () => {
    const { clientConfig, calls } = startInstance();
    const route = handle({ auth: cliAuth({ clientConfig }) });
    for (
      const token of [
        "",
        "mt_1",
        "sess_1",
        "x".repeat(20_000),
        `ak_${"x".repeat(2_000)}`,
        "a.b.c",
        "ak_a.b.c",
      ]
    ) {
      const { status } = await route(requestWith(token));
      assert(status === 400 || status === 401, `${status}`);
    }
    assertEquals(calls(), 0);
  });

  it("fetches the keys once for 50 cold requests with different JWTs", async () => {
    const { emulator, clientConfig, calls } = startInstance();
    const tokens = await Promise.all(times(50, async () => (await emulator.issueTokens()).accessToken));
    const auth = cliAuth({ clientConfig });
    assertEquals(await tally(tokens.map((token) => auth.verifyToken(token))), { accepted: 50 });
    assertEquals([calls("backend_jwks"), calls()], [1, 1]);
  });

  it("calls Clerk once for 50 simultaneous requests with one opaque token, which share the verdict", async () => {
    const { emulator, clientConfig, calls } = startInstance();
    const auth = cliAuth({ clientConfig });
    const { secret } = emulator.createApiKey();
    assertEquals(await tally(times(50, () => auth.verifyToken(secret))), { accepted: 50 });
    assertEquals(calls(), 1);
    assertEquals(await tally(times(50, () => auth.verifyToken("ak_unknown"))), { invalid_token: 50 });
    assertEquals(calls(), 2);
  });

  it("asks again for every later request without a cache, so a revocation shows at once", async () => {
    const { emulator, clientConfig } = startInstance();
    const auth = cliAuth({ clientConfig });
    const apiKey = emulator.createApiKey();
    await auth.verifyToken(apiKey.secret);
    apiKey.revoked = true;
    assertEquals(await tally([auth.verifyToken(apiKey.secret)]), { invalid_token: 1 });
  });

  it("fetches the keys a handful of times for 200 tokens with unknown keys, and lets valid ones through", async () => {
    const { emulator, clientConfig, calls } = startInstance();
    const auth = cliAuth({ clientConfig });
    const exp = Math.floor(Date.now() / 1000) + 60;
    const claims = { sub: "user_1", exp, iat: exp - 60 };
    const junk = await Promise.all(
      times(200, (index) => emulator.signJwt(claims, { typ: "at+jwt", kid: `ins_${index}` })),
    );
    for (const batch of [junk.slice(0, 100), junk.slice(100)]) {
      const { accepted, ...refused } = await tally(batch.map((token) => auth.verifyToken(token)));
      assertEquals([accepted, (refused["invalid_token"] ?? 0) + (refused["unavailable"] ?? 0)], [
        undefined,
        100,
      ]);
    }
    assert(calls() <= 6, `${calls()} calls`);
    const { accessToken } = await emulator.issueTokens();
    assertEquals(await tally([auth.verifyToken(accessToken)]), { accepted: 1 });
  });

  it("looks for the unknown key of one token once a second at most", async () => {
    const { emulator, clientConfig, calls } = startInstance();
    const exp = Math.floor(Date.now() / 1000) + 60;
    const token = await emulator.signJwt({ sub: "user_1", exp, iat: exp - 60 }, {
      typ: "at+jwt",
      kid: "ins_unknown",
    });
    const auth = cliAuth({ clientConfig });
    for (const expected of [1, 2, 3]) {
      for (let count = 0; count < 200; count++) {
        assertEquals(await tally([auth.verifyToken(token)]), { invalid_token: 1 });
      }
      assertEquals(calls(), expected);
      await clock.advance(1_000);
    }
  });

  it("does not ask again about a token that was just rejected", async () => {
    const { clientConfig, calls } = startInstance();
    const auth = cliAuth({ clientConfig });
    for (let count = 0; count < 200; count++) await auth.verifyToken("ak_dead").catch(() => {});
    assertEquals(calls(), 1);
  });

  it("asks about random tokens while few are rejected, and lets accepted ones through", async () => {
    const { emulator, clientConfig, calls } = startInstance();
    const auth = cliAuth({ clientConfig });
    const { secret } = emulator.createApiKey();
    await auth.verifyToken(secret);
    const outcomes = await tally(times(900, (index) => auth.verifyToken(`ak_random_${index}`)));
    assertEquals(outcomes, { invalid_token: 27, unavailable: 873 });
    assertEquals(calls(), 28);
    assertEquals(await tally(times(10, () => auth.verifyToken(secret))), { accepted: 10 });
  });

  it("remembers a JWT for five minutes, or until it expires", async () => {
    const { emulator, clientConfig } = startInstance();
    const auth = cliAuth({ clientConfig });
    const [brief, long] = await Promise.all(
      [60, 3_600].map(async (lifetimeSeconds) =>
        (await emulator.issueTokens({ format: "jwt", lifetimeSeconds })).accessToken
      ),
    );
    const { verify } = crypto.subtle;
    let verified = 0;
    crypto.subtle.verify = (...args) => (verified++, verify.apply(crypto.subtle, args));
    const ask = () => tally([auth.verifyToken(brief!), auth.verifyToken(long!)]);
    try {
      assertEquals([await ask(), verified], [{ accepted: 2 }, 2]);
      await clock.advance(50_000);
      assertEquals([await ask(), verified], [{ accepted: 2 }, 2]);
      await clock.advance(20_000);
      assertEquals([await ask(), verified], [{ accepted: 1, invalid_token: 1 }, 2]);
      await clock.advance(230_000);
      assertEquals([await ask(), verified], [{ accepted: 1, invalid_token: 1 }, 3]);
    } finally {
      crypto.subtle.verify = verify;
    }
  });

  it("needs neither a call nor a signature check for a JWT seen before", async () => {
    const { emulator, clientConfig, calls } = startInstance();
    const auth = cliAuth({ clientConfig });
    const { accessToken } = await emulator.issueTokens();
    await auth.verifyToken(accessToken);
    const { verify } = crypto.subtle;
    let verified = 0;
    crypto.subtle.verify = (...args) => (verified++, verify.apply(crypto.subtle, args));
    try {
      for (let count = 0; count < 1_000; count++) await auth.verifyToken(accessToken);
    } finally {
      crypto.subtle.verify = verify;
    }
    assertEquals([calls(), verified], [1, 0]);
  });
});

describe("the cache of opaque tokens", () => {
  beforeEach(startClock);
  afterEach(endClock);

  it("turns 10,000 requests with one token into one call to Clerk", async () => {
    const { emulator, clientConfig, calls } = startInstance();
    const auth = cliAuth({ clientConfig, cache: { ttlMs: 60_000 } });
    const { accessToken } = await emulator.issueTokens({ format: "opaque" });
    for (let count = 0; count < 10_000; count++) await auth.verifyToken(accessToken);
    assertEquals(calls(), 1);
  });

  it("delays a revocation by no more than its time to live", async () => {
    const { emulator, clientConfig, calls } = startInstance();
    const auth = cliAuth({ clientConfig, cache: { ttlMs: 300, store: memoryCache() } });
    const apiKey = emulator.createApiKey();
    await auth.verifyToken(apiKey.secret);
    apiKey.revoked = true;
    assertEquals((await auth.verifyToken(apiKey.secret)).subject, emulator.user.id);
    await clock.advance(299);
    assertEquals((await auth.verifyToken(apiKey.secret)).subject, emulator.user.id);
    await clock.advance(1);
    assertEquals(await tally([auth.verifyToken(apiKey.secret)]), { invalid_token: 1 });
    assertEquals(calls(), 2);
  });

  it("is shared between processes through its store, but only under the same secret key", async () => {
    const { emulator, clientConfig, calls } = startInstance();
    const cache = { ttlMs: 60_000, store: memoryCache() };
    const { secret } = emulator.createApiKey({ scopes: ["a"] });
    const first = await cliAuth({ clientConfig, cache }).verifyToken(secret);
    assertEquals(await cliAuth({ clientConfig, cache }).verifyToken(secret), first);
    assertEquals(calls(), 1);
    const other = startInstance();
    const elsewhere = cliAuth({ clientConfig: { ...other.clientConfig, secretKey: "sk_test_other" }, cache });
    assertEquals(await tally([elsewhere.verifyToken(secret)]), { config: 1 });
  });

  it("is not shared with a verifier that has a shorter time to live", async () => {
    const { emulator, clientConfig } = startInstance();
    const store = memoryCache();
    const apiKey = emulator.createApiKey();
    await cliAuth({ clientConfig, cache: { ttlMs: 3_600_000, store } }).verifyToken(apiKey.secret);
    apiKey.revoked = true;
    const strict = cliAuth({ clientConfig, cache: { ttlMs: 1_000, store } });
    assertEquals(await tally([strict.verifyToken(apiKey.secret)]), { invalid_token: 1 });
  });

  it("is not shared with a client of the caller's, which may check more", async () => {
    const { emulator, clientConfig } = startInstance();
    const cache = { ttlMs: 60_000, store: memoryCache() };
    const { secret } = emulator.createApiKey();
    await cliAuth({ clientConfig, cache }).verifyToken(secret);
    const strict = cliAuth({ client: createSoloClient(), clientConfig, cache });
    assertEquals(await tally([strict.verifyToken(secret)]), { invalid_token: 1 });
  });

  it("is not shared with a verifier that requires another audience", async () => {
    const { emulator, clientConfig, calls } = startInstance();
    const cache = { ttlMs: 60_000, store: memoryCache() };
    emulator.behavior.verifiedTokensNameAudience = true;
    const audience = "https://api.example.com";
    const { accessToken } = await emulator.issueTokens({ format: "opaque", audience });
    await cliAuth({ clientConfig, cache, audience }).verifyToken(accessToken);
    const strict = cliAuth({ clientConfig, cache, audience: "https://other.example.com" });
    assertEquals(await tally([strict.verifyToken(accessToken)]), { invalid_token: 1 });
    assertEquals(calls(), 2);
  });

  it("is skipped if its store does not respond within a second", async () => {
    const { emulator, clientConfig } = startInstance();
    const hang = () => new Promise<never>(() => {});
    const errors: unknown[] = [];
    const auth = cliAuth({
      clientConfig,
      cache: {
        ttlMs: 60_000,
        store: { get: hang, set: () => {}, delete: hang },
        onError: (error) => errors.push(error),
      },
      requestTimeoutMs: 3_600_000,
    });
    const { secret } = emulator.createApiKey();
    const outcomes = tally([auth.verifyToken(secret)]);
    await clock.untilSet(1_000);
    await clock.advance(1_000);
    assertEquals(await outcomes, { accepted: 1 });
    assertEquals(errors.map((error) => (error as Error).message), [
      "The store of the cache did not respond within 1 second",
    ]);
  });

  it("does not keep rejections", async () => {
    const { emulator, clientConfig } = startInstance();
    const entries: string[] = [];
    const store = { get: () => null, set: (key: string) => void entries.push(key), delete: () => {} };
    const auth = cliAuth({ clientConfig, cache: { ttlMs: 60_000, store } });
    assertEquals(await tally([auth.verifyToken("ak_unknown")]), { invalid_token: 1 });
    const { accessToken } = await emulator.issueTokens();
    await auth.verifyToken(accessToken);
    assertEquals(entries, []);
  });

  it("is skipped and reported while its store is down", async () => {
    const { emulator, clientConfig } = startInstance();
    const down = () => Promise.reject(new Error("down"));
    const errors: unknown[] = [];
    const auth = cliAuth({
      clientConfig,
      cache: {
        ttlMs: 60_000,
        store: { get: down, set: down, delete: down },
        onError: (error) => errors.push(error),
      },
    });
    assertEquals(await tally([auth.verifyToken(emulator.createApiKey().secret)]), { accepted: 1 });
    assertEquals(errors.length, 2);
  });

  it("is not read for a source whose tokens were rejected too often", async () => {
    const { clientConfig, calls } = startInstance();
    let reads = 0;
    const store = { get: () => void reads++, set: () => {}, delete: () => {} };
    const auth = cliAuth({ clientConfig, clientIds: "any", cache: { ttlMs: 60_000, store } });
    const junk = times(100, (index) => auth.verifyToken(`ak_junk_${index}`, { source: "203.0.113.9" }));
    assertEquals(await tally(junk), { invalid_token: 5, unavailable: 95 });
    assertEquals([reads, calls()], [5, 5]);
  });

  it("is asked now and then while its store is down, and verification goes on", async () => {
    const { emulator, clientConfig } = startInstance();
    const errors: unknown[] = [];
    const down = () => Promise.reject(new Error("down"));
    const auth = cliAuth({
      clientConfig,
      clientIds: "any",
      cache: {
        ttlMs: 1,
        store: { get: down, set: down, delete: down },
        onError: (error) => errors.push(error),
      },
    });
    for (const expected of [9, 10]) {
      for (let count = 0; count < 10; count++) {
        assertEquals(await tally([auth.verifyToken(emulator.createApiKey().secret)]), { accepted: 1 });
      }
      assertEquals(errors.length, expected);
      await clock.advance(1_000);
    }
  });

  it("needs a secret key for its store, even with a client of the caller's", async () => {
    const { emulator, clientConfig, createClient } = startInstance();
    const { secret } = emulator.createApiKey();
    const [client, cache] = [await createClient(), { ttlMs: 60_000, store: memoryCache() }];
    const { secretKey } = clientConfig;
    const auth = cliAuth({ client, clientConfig: { secretKey }, cache });
    assertEquals(await tally([auth.verifyToken(secret)]), { accepted: 1 });
    // That of the environment may be another instance's.
    const variable = () => "sk_test_environment";
    for (const without of [{ client, cache }, { client, cache, clientConfig: {} }]) {
      assertEquals(
        (await caught(() => createCliAuth(without, { variable }))).message,
        "'cache.store' needs the secret key of 'client': pass clientConfig: { secretKey } beside it",
      );
    }
  });
});
