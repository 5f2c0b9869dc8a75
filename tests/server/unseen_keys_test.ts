import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { invalidToken, UNKNOWN_KEY, UnseenKeys } from "../doors/server.ts";
import { caught } from "../harness/caught.ts";
import { onFakeClock } from "../harness/fake_clock.ts";
import { createClock } from "./support/clock.ts";
import { deferred } from "./support/deferred.ts";

function setUp() {
  const clock = createClock();
  return { clock, keys: new UnseenKeys<string>({ now: clock.now, timeoutMs: 1_000 }) };
}

const reject = () => Promise.reject(invalidToken("no"));
const lacksKey = () => Promise.reject(invalidToken(UNKNOWN_KEY));

describe("UnseenKeys", () => {
  it("lets a handful of tokens with unknown keys through, and turns away most of many others", async () => {
    await onFakeClock(async (timers) => {
      const { keys, clock } = setUp();
      const ask = (kid: number) => caught(() => keys.guard(`ins_${kid}`, lacksKey)).then(({ code }) => code);
      const codes = Array.from({ length: 200 }, (_, kid) => ask(kid));
      clock.advance(100);
      await timers.advance(100);
      const settled = await Promise.all(codes);
      assertEquals(settled.filter((code) => code === "not_authenticated").length, 6);
      assertEquals(settled.filter((code) => code === "unavailable").length, 194);
    });
  });

  it("only holds up a token with an unknown key that comes alone", async () => {
    await onFakeClock(async (timers) => {
      const { keys, clock } = setUp();
      for (let kid = 0; kid < 5; kid++) await caught(() => keys.guard(`ins_${kid}`, lacksKey));
      const good = keys.guard("ins_good", () => Promise.resolve("good"));
      await timers.untilSet(100);
      clock.advance(100);
      await timers.advance(100);
      assertEquals(await good, "good");
    });
  });

  it("does not hold up tokens under a key that was found, even if the token was rejected", async () => {
    const { keys } = setUp();
    for (let count = 0; count < 50; count++) {
      assertEquals((await caught(() => keys.guard("ins_1", reject))).code, "not_authenticated");
    }
  });

  it("does not hold up tokens under a key that has verified one", async () => {
    const { keys } = setUp();
    await keys.guard("ins_1", () => Promise.resolve("first"));
    for (let kid = 2; kid < 6; kid++) await caught(() => keys.guard(`ins_${kid}`, lacksKey));
    assertEquals(await keys.guard("ins_1", () => Promise.resolve("second")), "second");
  });

  it("lets the first token of a key go ahead, and the others follow once it is accepted", async () => {
    const { keys } = setUp();
    const first = deferred<string>();
    let started = 0;
    const verdicts = Array.from({ length: 50 }, (_, index) =>
      keys.guard("ins_1", () => {
        started++;
        return index === 0 ? first.promise : Promise.resolve(`token ${index}`);
      }));
    assertEquals(started, 1);
    first.resolve("token 0");
    assertEquals(await Promise.all(verdicts), Array.from({ length: 50 }, (_, index) => `token ${index}`));
  });

  it("judges every token on its own if the first one of its key is rejected", async () => {
    const { keys } = setUp();
    const [first, second] = [keys.guard("ins_1", reject), keys.guard("ins_1", () => Promise.resolve("good"))];
    assertEquals((await caught(() => first)).code, "not_authenticated");
    assertEquals(await second, "good");
  });
});
