import { assertEquals } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { startDeadline } from "../doors/core.ts";
import { type FakeClock, installFakeClock } from "../harness/fake_clock.ts";

let clock: FakeClock;
let called: string[];
beforeEach(() => {
  clock = installFakeClock();
  called = [];
});
afterEach(() => clock.uninstall());

describe("startDeadline()", () => {
  it("calls once the time and a last moment are over, not before", async () => {
    startDeadline(50, () => called.push("over"));
    await clock.advance(74);
    assertEquals(called, []);
    await clock.advance(1);
    assertEquals([called, clock.pending], [["over"], []]);
  });

  it("does not call after it was stopped", () => {
    startDeadline(10, () => called.push("over"))();
    assertEquals(clock.pending, []);
  });

  it("does not use setTimeout in Deno, where the first one loads Node's timers", () => {
    const { setTimeout } = globalThis;
    const calls: unknown[] = [];
    globalThis.setTimeout = ((...call: Parameters<typeof setTimeout>) => {
      calls.push(call[1]);
      return setTimeout(...call);
    }) as typeof setTimeout;
    try {
      startDeadline(10, () => {})();
    } finally {
      globalThis.setTimeout = setTimeout;
    }
    assertEquals(calls, "Deno" in globalThis ? [] : [10]);
  });

  it("accepts a time that is over", () => {
    clock.uninstall();
    for (const durationMs of [-5, NaN]) startDeadline(durationMs, () => {})();
  });

  it("accepts any length of time", () => {
    const stop = startDeadline(Number.MAX_VALUE, () => called.push("over"));
    assertEquals(clock.pending, [2 ** 31 - 1]);
    stop();
  });

  it("gives a suspended process a moment after it resumes, then calls unless it was stopped", async () => {
    startDeadline(10, () => called.push("over"));
    const stop = startDeadline(10, () => called.push("stopped"));
    clock.suspend(510);
    await clock.advance(499);
    assertEquals(called, []);
    stop();
    await clock.advance(1);
    assertEquals([called, clock.pending], [["over"], []]);
  });

  it("gives at most two seconds for that", async () => {
    startDeadline(10, () => called.push("over"));
    clock.suspend(60_000);
    await clock.advance(1_999);
    assertEquals(called, []);
    await clock.advance(1);
    assertEquals(called, ["over"]);
  });

  it("gives that moment again if the process was suspended during it", async () => {
    startDeadline(10, () => called.push("over"));
    clock.suspend(510);
    await clock.advance(0);
    clock.suspend(2_000);
    await clock.advance(1_499);
    assertEquals(called, []);
    await clock.advance(1);
    assertEquals([called, clock.pending], [["over"], []]);
  });
});

describe("ticks", () => {
  it("are not Node's where `process` is not Node's", async () => {
    if (!("Deno" in globalThis)) return; // Only Deno loads a module again.
    const before = Object.entries(Object.getOwnPropertyDescriptors(globalThis))
      .filter(([name]) => ["Deno", "process"].includes(name));
    const again = new URL("../../src/core/time.ts?edge", import.meta.url).href;
    Object.defineProperty(globalThis, "process", { value: { env: {} }, configurable: true });
    Reflect.deleteProperty(globalThis, "Deno");
    try {
      const { ticks } = await import(again);
      assertEquals(typeof ticks(), "number");
    } finally {
      Object.defineProperties(globalThis, Object.fromEntries(before));
    }
  });
});
