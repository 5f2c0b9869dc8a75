import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { TokenBucket } from "../doors/server.ts";
import { createClock } from "./support/clock.ts";

describe("TokenBucket", () => {
  it("gives out its permits, then one in each interval", () => {
    const clock = createClock();
    const bucket = new TokenBucket({ capacity: 2, refillMs: 1_000, now: clock.now });
    assertEquals([bucket.take(), bucket.take(), bucket.take()], [true, true, false]);
    assertEquals(bucket.waitMs(), 1_000);
    clock.advance(999);
    assertEquals(bucket.take(), false);
    clock.advance(1);
    assertEquals([bucket.take(), bucket.take()], [true, false]);
  });

  it("never holds more than its capacity", () => {
    const clock = createClock();
    const bucket = new TokenBucket({ capacity: 2, refillMs: 10, now: clock.now });
    clock.advance(60_000);
    assertEquals(bucket.left, 2);
    assertEquals([bucket.take(), bucket.take(), bucket.take()], [true, true, false]);
  });

  it("says how long until the next permit, and zero if there is one", () => {
    const clock = createClock();
    const bucket = new TokenBucket({ capacity: 2, refillMs: 1_000, now: clock.now });
    assertEquals(bucket.waitMs(), 0);
    bucket.take();
    bucket.take();
    clock.advance(250);
    assertEquals(bucket.waitMs(), 750);
  });

  it("gives out as many as it has if it is asked for more", () => {
    const bucket = new TokenBucket({ capacity: 3, refillMs: 1_000, now: createClock().now });
    assertEquals([bucket.take(2), bucket.left, bucket.take(2), bucket.left], [true, 1, true, 0]);
    assertEquals(bucket.take(2), false);
  });

  it("loses no permit if the clock is set back", () => {
    const clock = createClock();
    const bucket = new TokenBucket({ capacity: 2, refillMs: 1_000, now: clock.now });
    clock.advance(-3_600_000);
    assertEquals([bucket.take(), bucket.take(), bucket.take()], [true, true, false]);
    clock.advance(1_000);
    assertEquals(bucket.take(), true);
  });
});
