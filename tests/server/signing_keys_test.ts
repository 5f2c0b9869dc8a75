import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { SigningKeys, withDeadline } from "../doors/server.ts";
import { caught } from "../harness/caught.ts";
import { onFakeClock } from "../harness/fake_clock.ts";
import { createClock } from "./support/clock.ts";
import { deferred } from "./support/deferred.ts";
import { PUBLIC_JWK } from "./support/rfc7515_key.ts";

const MINUTE = 60_000;
const TIMEOUT_MS = 2_000;

describe("SigningKeys", () => {
  function setUp() {
    const clock = createClock();
    const published = ["ins_1"];
    let failure: unknown;
    let hanging = false;
    let fetches = 0;
    const getJwks = async () => {
      fetches++;
      await (hanging ? new Promise(() => {}) : Promise.resolve());
      if (failure) throw failure;
      return { keys: published.map((kid) => ({ ...PUBLIC_JWK, kid })) };
    };
    const keys = new SigningKeys(getJwks, { now: clock.now, timeoutMs: TIMEOUT_MS, secrets: [] });
    return {
      clock,
      published,
      fetches: () => fetches,
      fail: (error: unknown) => failure = error,
      hang: () => hanging = true,
      find: (kid: string) => keys.find(kid, clock.now()),
      findIssuedAt: (kid: string, issuedAt: number) => keys.find(kid, issuedAt),
    };
  }

  it("gives a published key as PEM", async () => {
    const { find } = setUp();
    const key = await find("ins_1");
    assert(
      key?.key?.pem.startsWith("-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A"),
    );
  });

  it("leaves a key to the client if the client could not read it as PEM", async () => {
    for (const change of [{ e: "AQAC" }, { n: "AQAB" }, { kty: "EC" }, { n: "!".repeat(342) }]) {
      const jwks = () => Promise.resolve({ keys: [{ ...PUBLIC_JWK, kid: "ins_1", ...change }] });
      const keys = new SigningKeys(jwks, { now: createClock().now, timeoutMs: 1_000, secrets: [] });
      const found = await keys.find("ins_1", 0);
      assert(found);
      assertEquals(found.key, undefined);
    }
  });

  it("fetches once for simultaneous callers, and again after five minutes", async () => {
    const { find, fetches, clock } = setUp();
    await Promise.all(Array.from({ length: 50 }, () => find("ins_1")));
    clock.advance(5 * MINUTE - 1);
    await find("ins_1");
    assertEquals(fetches(), 1);
    clock.advance(1);
    await find("ins_1");
    assertEquals(fetches(), 2);
  });

  it("finds a key that was published after the last fetch", async () => {
    const { find, published } = setUp();
    await find("ins_1");
    published.push("ins_2");
    assert(await find("ins_2"));
  });

  it("drops a key that is no longer published", async () => {
    const { find, published, clock } = setUp();
    await find("ins_1");
    published[0] = "ins_2";
    clock.advance(5 * MINUTE);
    await find("ins_2");
    assertEquals(await find("ins_1"), undefined);
  });

  it("does not fetch for a JWT that is older than the keys at hand", async () => {
    const { find, findIssuedAt, fetches, clock } = setUp();
    await find("ins_1");
    assertEquals(await findIssuedAt("nowhere", clock.now() - 60_001), undefined);
    assertEquals(fetches(), 1);
  });

  it("looks for a key that was published late, or whose JWT comes from a slow clock", async () => {
    const { find, findIssuedAt, published, clock } = setUp();
    await find("ins_1");
    published.push("ins_2");
    assert(await findIssuedAt("ins_2", clock.now() - 60_000));
  });

  it("finds a key that was published after the clock was set back", async () => {
    const { find, published, clock } = setUp();
    await find("ins_1");
    clock.advance(-60 * MINUTE);
    published.push("ins_2");
    assert(await find("ins_2"));
  });

  it("fetches once for all who name unknown ids at the same time", async () => {
    const { find, fetches } = setUp();
    await find("ins_1");
    const found = await Promise.all(Array.from({ length: 200 }, (_, index) => find(`unknown ${index}`)));
    assertEquals(found, Array.from({ length: 200 }, () => undefined));
    assertEquals(fetches(), 2);
  });

  it("fetches ten times a second at most for unknown ids, and finds a key among them that is published", async () => {
    const { find, published, fetches, clock } = setUp();
    await find("ins_1");
    await onFakeClock(async (timers) => {
      const wait = async (durationMs: number) => {
        clock.advance(durationMs);
        await timers.advance(durationMs);
      };
      for (let index = 0; index < 5; index++) assertEquals(await find(`unknown ${index}`), undefined);
      assertEquals(fetches(), 6);
      const waiting = [find("unknown 5"), find("ins_2")];
      published.push("ins_2");
      await timers.untilSet(100);
      await wait(99);
      assertEquals(fetches(), 6);
      await wait(1);
      assertEquals((await Promise.all(waiting)).map((found) => found !== undefined), [false, true]);
      assertEquals(fetches(), 7);
    });
  });

  it("does not believe a fetch that began before it was asked", async () => {
    const clock = createClock();
    const answers = [deferred<{ keys: unknown[] }>(), deferred<{ keys: unknown[] }>()];
    let fetches = 0;
    const keys = new SigningKeys(() => answers[fetches++]!.promise, {
      now: clock.now,
      timeoutMs: TIMEOUT_MS,
      secrets: [],
    });
    const first = keys.find("ins_1", clock.now());
    const second = keys.find("ins_2", clock.now());
    answers[0]!.resolve({ keys: [{ ...PUBLIC_JWK, kid: "ins_1" }] });
    assert(await first);
    answers[1]!.resolve({ keys: [{ ...PUBLIC_JWK, kid: "ins_2" }] });
    assert(await second);
  });

  it("uses its keys for up to an hour while Clerk cannot be reached", async () => {
    const { find, fail, clock } = setUp();
    await find("ins_1");
    fail(new TypeError("fetch failed"));
    clock.advance(59 * MINUTE);
    assert(await find("ins_1"));
    clock.advance(MINUTE);
    assertEquals((await caught(() => find("ins_1"))).code, "unavailable");
  });

  it("uses its keys for up to an hour while Clerk does not respond, and rarely waits for it", async () => {
    const { find, hang, fetches, clock } = setUp();
    await find("ins_1");
    hang();
    await onFakeClock(async (timers) => {
      const findAfterWaiting = async () => {
        // Whoever waits for the key would give up later.
        const found = withDeadline(() => find("ins_1"), TIMEOUT_MS);
        await timers.untilSet(TIMEOUT_MS / 2);
        await timers.advance(TIMEOUT_MS / 2);
        assert(await found);
      };
      const findAtOnce = async () => {
        for (let count = 0; count < 20; count++) assert(await find("ins_1"));
      };
      clock.advance(5 * MINUTE);
      await findAfterWaiting();
      await findAtOnce();
      clock.advance(9_999);
      await findAtOnce();
      assertEquals(fetches(), 2);
      clock.advance(1);
      await findAfterWaiting();
      assertEquals(fetches(), 3);
    });
  });

  it("asks a failing Clerk once a second, or no sooner than it says", async () => {
    const { find, fail, fetches, clock } = setUp();
    fail({ clerkError: true, errors: [], status: 500 });
    for (let count = 0; count < 10; count++) await caught(() => find("ins_1"));
    assertEquals(fetches(), 1);
    clock.advance(1_000);
    fail({ clerkError: true, errors: [], status: 429, retryAfter: 7 });
    const limited = await caught(() => find("ins_1"));
    assertEquals([limited.code, (limited as { retryAfterMs?: number }).retryAfterMs], ["unavailable", 7_000]);
    clock.advance(6_999);
    await caught(() => find("ins_1"));
    assertEquals(fetches(), 2);
    clock.advance(1);
    fail(undefined);
    assert(await find("ins_1"));
  });

  it("does not use keys that are not fresh if Clerk responds, and refuses the secret key", async () => {
    const { find, fail, clock } = setUp();
    await find("ins_1");
    fail({ clerkError: true, errors: [{ code: "clerk_key_invalid", message: "no" }], status: 401 });
    assert(await find("ins_1"));
    clock.advance(5 * MINUTE);
    assertEquals((await caught(() => find("ins_1"))).code, "config");
  });

  it("tells a refused secret key from an outage", async () => {
    for (
      const [status, message] of [
        [401, "Clerk refused the server's secret key"],
        [403, "Clerk refused the server's secret key"],
        [404, "Clerk's signing keys could not be fetched"],
        [500, "Clerk's signing keys could not be fetched"],
      ] as const
    ) {
      const { find, fail } = setUp();
      fail({ clerkError: true, errors: [{ code: "planted", message: "why" }], status });
      const error = await caught(() => find("ins_1"));
      assertEquals([error.message, error.code], [message, status < 404 ? "config" : "unavailable"]);
      assertEquals(
        (error.cause as Error).message,
        `Clerk responded with status ${status}: planted: why (trace none)`,
      );
    }
  });

  it("tells the operator why Clerk could not be reached", async () => {
    const { find, fail } = setUp();
    const failure = new TypeError("fetch failed");
    fail(failure);
    const { message, cause } = await caught(() => find("ins_1"));
    assertEquals([message, cause], ["Clerk's signing keys could not be fetched", failure]);
  });

  for (const answer of [{}, { keys: [] }, { keys: "none" }]) {
    it(`does not accept ${JSON.stringify(answer)} as a key set`, async () => {
      const keys = new SigningKeys(() => Promise.resolve(answer), {
        now: createClock().now,
        timeoutMs: 1_000,
        secrets: [],
      });
      const { code, message } = await caught(() => keys.find("ins_1", 0));
      assertEquals([code, message], ["unavailable", "Clerk returned no signing keys"]);
    });
  }
});
