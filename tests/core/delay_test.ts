import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { delay } from "../doors/core.ts";
import { type FakeClock, installFakeClock } from "../harness/fake_clock.ts";

let clock: FakeClock;
beforeEach(() => {
  clock = installFakeClock();
});
afterEach(() => clock.uninstall());

describe("delay()", () => {
  it("resolves when the time is over, not before", async () => {
    let isOver = false;
    delay(50, new AbortController().signal).then(() => isOver = true);
    await clock.advance(49);
    assertEquals(isOver, false);
    await clock.advance(1);
    assertEquals(isOver, true);
  });

  it("rejects at once with the signal's reason, whenever it aborts", async () => {
    const reason = new Error("no more time");
    assertStrictEquals(await delay(60_000, AbortSignal.abort(reason)).catch((error) => error), reason);
    const stop = new AbortController();
    const waiting = delay(60_000, stop.signal);
    stop.abort(reason);
    assertStrictEquals(await waiting.catch((error) => error), reason);
    assertEquals(clock.pending, []);
  });

  it("accepts any length of time", async () => {
    const stop = new AbortController();
    const waiting = delay(2 ** 40, stop.signal);
    assertEquals(clock.pending, [2 ** 31 - 1]);
    stop.abort();
    await assertRejects(() => waiting);
  });

  it("leaves no listener on the signal", async () => {
    const listeners = new Set<unknown>();
    const { signal } = new AbortController();
    const counted = Object.assign(Object.create(signal) as AbortSignal, {
      addEventListener: (_: string, listener: unknown) => void listeners.add(listener),
      removeEventListener: (_: string, listener: unknown) => void listeners.delete(listener),
    });
    Object.defineProperty(counted, "aborted", { value: false });
    const waiting = delay(5, counted);
    assertEquals(listeners.size, 1);
    await clock.advance(5);
    await waiting;
    assertEquals(listeners.size, 0);
  });
});
