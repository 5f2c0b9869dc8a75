import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { invalidToken, UnseenKeys } from "../doors/server.ts";
import { caught } from "../harness/caught.ts";
import { createClock } from "./support/clock.ts";
import { deferred } from "./support/deferred.ts";

function setUp() {
  const clock = createClock();
  return { clock, keys: new UnseenKeys<string>({ now: clock.now, timeoutMs: 1_000 }) };
}

const reject = () => Promise.reject(invalidToken("no"));

describe("UnseenKeys", () => {
  it("lets a handful of tokens with unknown keys through, then one in ten seconds", async () => {
    const { keys, clock } = setUp();
    const ask = (kid: number) => caught(() => keys.guard(`ins_${kid}`, reject)).then(({ code }) => code);
    const codes = [];
    for (let kid = 0; kid < 200; kid++) codes.push(await ask(kid));
    assertEquals(codes.filter((code) => code === "not_authenticated").length, 5);
    assertEquals(codes.filter((code) => code === "unavailable").length, 195);
    const error = await caught(() => keys.guard("ins_0", reject));
    assertEquals([error.message, (error as { retryAfterMs?: number }).retryAfterMs], [
      "Too many unknown signing keys were asked for",
      10_000,
    ]);
    clock.advance(10_000);
    assertEquals([await ask(1), await ask(2)], ["not_authenticated", "unavailable"]);
  });

  it("does not hold up tokens under a key that has verified one", async () => {
    const { keys } = setUp();
    await keys.guard("ins_1", () => Promise.resolve("first"));
    for (let kid = 2; kid < 20; kid++) await caught(() => keys.guard(`ins_${kid}`, reject));
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
