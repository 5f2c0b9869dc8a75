import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { shared, SingleFlight } from "../doors/server.ts";
import { createClock } from "./support/clock.ts";
import { deferred } from "./support/deferred.ts";

describe("SingleFlight", () => {
  it("runs one task for simultaneous callers, and another for later ones", async () => {
    const flights = new SingleFlight<number>({ maxAgeMs: 1_000, now: createClock().now });
    let runs = 0;
    const task = () => Promise.resolve(++runs);
    const together = await Promise.all([
      flights.run("a", task),
      flights.run("a", task),
      flights.run("b", task),
    ]);
    assertEquals(together, [1, 1, 2]);
    assertEquals(await flights.run("a", task), 3);
  });

  it("shares a failure and forgets it", async () => {
    const flights = new SingleFlight<number>({ maxAgeMs: 1_000, now: createClock().now });
    const failing = () => Promise.reject(new Error("no"));
    await Promise.all([1, 2].map(() => assertRejects(() => flights.run("a", failing), Error, "no")));
    assertEquals(await flights.run("a", () => Promise.resolve(1)), 1);
  });

  it("gives up a task that never ends: the next caller starts another", async () => {
    const clock = createClock();
    const flights = new SingleFlight<number>({ maxAgeMs: 1_000, now: clock.now });
    const stuck = deferred<number>();
    const first = flights.run("a", () => stuck.promise);
    clock.advance(1_000);
    const second = deferred<number>();
    const started = flights.run("a", () => second.promise);
    // The old task ends late: it must not end the sharing of the new one.
    stuck.resolve(1);
    await first;
    const joined = flights.run("a", () => Promise.resolve(3));
    second.resolve(2);
    assertEquals(await Promise.all([started, joined]), [2, 2]);
  });
});

describe("shared()", () => {
  it("keeps the first success, and tries again after a failure", async () => {
    const outcomes = [new Error("not yet"), { value: 1 }, { value: 2 }];
    const get = shared(async () => {
      const outcome = await Promise.resolve(outcomes.shift());
      if (outcome instanceof Error || !outcome) throw outcome;
      return outcome;
    }, { maxAgeMs: 1_000, now: createClock().now });
    await assertRejects(get, Error, "not yet");
    assertEquals(await Promise.all([get(), get()]), [{ value: 1 }, { value: 1 }]);
    assertEquals(await get(), { value: 1 });
  });
});
