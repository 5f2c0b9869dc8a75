import { assert, assertEquals } from "@std/assert";
import { beforeEach, describe, it } from "@std/testing/bdd";
import { Breaker, invalidToken, UnavailableError } from "../doors/server.ts";
import { type Clock, createClock } from "./support/clock.ts";
import { type Deferred, deferred } from "./support/deferred.ts";

const TIMEOUT_MS = 10_000;
const succeed = () => Promise.resolve("succeeded");
const fail = () => Promise.reject(new UnavailableError("failed"));
const reject = () => Promise.reject(invalidToken("rejected"));
const limit = () => Promise.reject(new UnavailableError("limited", { clerkStatus: 429 }));

describe("Breaker", () => {
  let clock: Clock;
  let breaker: Breaker;
  beforeEach(() => {
    clock = createClock();
    breaker = new Breaker({ timeoutMs: TIMEOUT_MS, now: clock.now });
  });

  /** Makes a call about a token, and says how it ends. */
  function run(token: string, call: () => Promise<string>): Promise<string> {
    return breaker.run(token, call, () => "refused").catch(({ message }) => message);
  }

  async function open(): Promise<void> {
    for (let index = 1; index <= 5; index++) assertEquals(await run(`ak_${index}`, fail), "failed");
    assertEquals(await run("ak_6", fail), "refused");
  }

  it("makes no calls once those about five tokens have failed", open);

  it("goes on if all failures are about fewer tokens", async () => {
    for (let count = 0; count < 100; count++) assertEquals(await run(`ak_${count % 4}`, fail), "failed");
  });

  for (const [what, call] of [["success", succeed], ["rejection", reject], ["limit", limit]] as const) {
    it(`goes on after a ${what} between the failures`, async () => {
      for (let count = 0; count < 100; count++) {
        if (count % 4 === 0) await run("ak_other", call);
        assertEquals(await run(`ak_${count}`, fail), "failed");
      }
    });

    it(`makes all calls again after a ${what}`, async () => {
      await open();
      clock.advance(1_000);
      await run("ak_6", call);
      for (let index = 0; index < 4; index++) assertEquals(await run(`ak_${index}`, fail), "failed");
      assertEquals(await run("ak_5", succeed), "succeeded");
    });
  }

  it("tries one call after half a second to a second, and less often the longer it fails", async () => {
    await open();
    const waits: number[] = [];
    for (let tries = 0; tries < 6; tries++) {
      let waitMs = 0;
      for (; await run("ak_6", fail) === "refused"; waitMs += 50) clock.advance(50);
      waits.push(waitMs);
    }
    [1_000, 2_000, 4_000, 8_000, 10_000, 10_000].forEach((most, index) => {
      assert(waits[index]! >= most / 2 && waits[index]! <= most + 50, `${waits}`);
    });
  });

  it("tries one call at a time, and another if that is never heard of again", async () => {
    await open();
    clock.advance(1_000);
    const trial: Deferred<string> = deferred();
    const ended = run("ak_6", () => trial.promise);
    assertEquals(await run("ak_7", succeed), "refused");
    clock.advance(TIMEOUT_MS);
    assertEquals(await run("ak_7", succeed), "succeeded");
    trial.resolve("late");
    assertEquals(await ended, "late");
  });

  it("does not wait longer because of calls that began before", async () => {
    const calls = Array.from({ length: 60 }, (_, index) => run(`ak_${index}`, fail));
    await Promise.all(calls);
    clock.advance(1_000);
    assertEquals(await run("ak_60", succeed), "succeeded");
  });

  it("tells whom it refuses about the last failure, and how long to wait", async () => {
    await open();
    const [error, waitMs] = await breaker.run(
      "ak_6",
      fail as () => Promise<never>,
      (...told) => told as never,
    ) as [
      Error,
      number,
    ];
    assertEquals(error.message, "failed");
    assert(waitMs >= 500 && waitMs <= 1_000, `${waitMs}`);
  });
});
