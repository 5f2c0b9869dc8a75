import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { invalidToken, MissLimiter, UnavailableError } from "../doors/server.ts";
import { caught } from "../harness/caught.ts";
import { createClock } from "./support/clock.ts";

const accept = () => Promise.resolve("accepted");
const reject = () => Promise.reject(invalidToken("no"));
const fail = () => Promise.reject(new UnavailableError("down"));

describe("MissLimiter", () => {
  it("lets 200 rejected tokens through, then 20 a second", async () => {
    const clock = createClock();
    const limiter = new MissLimiter(clock.now);
    let asked = 0;
    const attack = async (count: number) => {
      for (let index = 0; index < count; index++) {
        await caught(() => limiter.guard(`ak_${asked}_${index}`, () => (asked++, reject())));
      }
    };
    await attack(1_000);
    assertEquals(asked, 200);
    clock.advance(1_000);
    await attack(1_000);
    assertEquals(asked, 220);
  });

  it("says when to come back", async () => {
    const limiter = new MissLimiter(createClock().now);
    for (let index = 0; index < 200; index++) await caught(() => limiter.guard(`ak_${index}`, reject));
    const error = await caught(() => limiter.guard("ak_new", accept));
    assert(error instanceof UnavailableError);
    assertEquals([error.message, error.retryAfterMs], ["Too many unknown tokens were rejected lately", 50]);
  });

  it("does not hold up a token that was accepted before", async () => {
    const limiter = new MissLimiter(createClock().now);
    await limiter.guard("ak_familiar", accept);
    for (let index = 0; index < 300; index++) await caught(() => limiter.guard(`ak_${index}`, reject));
    assertEquals(await limiter.guard("ak_familiar", accept), "accepted");
  });

  it("holds up a token that was accepted before and has been rejected since", async () => {
    const limiter = new MissLimiter(createClock().now);
    await limiter.guard("ak_revoked", accept);
    await caught(() => limiter.guard("ak_revoked", reject));
    for (let index = 0; index < 200; index++) await caught(() => limiter.guard(`ak_${index}`, reject));
    assertEquals((await caught(() => limiter.guard("ak_revoked", reject))).code, "unavailable");
  });

  it("counts neither accepted tokens nor those that Clerk could not judge", async () => {
    const limiter = new MissLimiter(createClock().now);
    for (let index = 0; index < 500; index++) await limiter.guard(`ak_${index}`, accept);
    for (let index = 0; index < 500; index++) await caught(() => limiter.guard(`oat_${index}`, fail));
    assertEquals(await limiter.guard("ak_new", accept), "accepted");
  });

  it("gives unknown tokens no more room because of one that was accepted before", async () => {
    const limiter = new MissLimiter(createClock().now);
    await limiter.guard("ak_familiar", accept);
    for (let index = 0; index < 200; index++) await caught(() => limiter.guard(`ak_${index}`, reject));
    for (let count = 0; count < 10; count++) {
      await limiter.guard("ak_familiar", accept);
      await caught(() => limiter.guard("ak_familiar", fail));
    }
    const { message } = await caught(() => limiter.guard("ak_new", accept));
    assertEquals(message, "Too many unknown tokens were rejected lately");
  });

  it("asks about at most 200 unknown tokens at once", async () => {
    const limiter = new MissLimiter(createClock().now);
    const hang = () => new Promise<never>(() => {});
    for (let index = 0; index < 200; index++) void limiter.guard(`ak_${index}`, hang);
    assertEquals((await caught(() => limiter.guard("ak_new", accept))).code, "unavailable");
  });
});
