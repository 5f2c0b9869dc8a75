import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { onFakeClock, withoutPauses } from "./fake_clock.ts";

describe("a fake clock", () => {
  it("fires timers in order, and those set meanwhile when they are due", async () => {
    await onFakeClock(async (clock) => {
      const fired: string[] = [];
      setTimeout(() => fired.push("third"), 30);
      setTimeout(() => {
        fired.push("first");
        setTimeout(() => fired.push("second"), 10);
      }, 10);
      await clock.advance(29);
      assertEquals([fired, clock.pending], [["first", "second"], [30]]);
      await clock.advance(1);
      assertEquals([fired, clock.pending], [["first", "second", "third"], []]);
    });
  });

  it("fires an interval repeatedly, and nothing that was cleared", async () => {
    await onFakeClock(async (clock) => {
      let fired = 0;
      const interval = setInterval(() => fired++, 10);
      clearTimeout(setTimeout(() => fired = -1, 10));
      await clock.advance(35);
      clearInterval(interval);
      await clock.advance(35);
      assertEquals([fired, clock.pending], [3, []]);
    });
  });

  it("makes timers late in a suspended process", async () => {
    await onFakeClock(async (clock) => {
      const startedAt = performance.now();
      const fired = new Promise<number>((resolve) => setTimeout(() => resolve(performance.now()), 10));
      clock.suspend(500);
      await clock.advance(0);
      assertEquals(await fired - startedAt, 500);
    });
  });

  it("leaves other timers real", async () => {
    await onFakeClock(async (clock) => {
      setTimeout(() => {}, 10);
      await new Promise<void>((resolve) => setTimeout(resolve, 0));
      assertEquals(clock.pending, [10]);
    }, (durationMs) => durationMs >= 10);
  });

  it("is gone afterwards", async () => {
    const { setTimeout, clearTimeout } = globalThis;
    const now = performance.now();
    await onFakeClock((clock) => clock.advance(3_600_000)).catch(() => {});
    assertEquals([globalThis.setTimeout, globalThis.clearTimeout], [setTimeout, clearTimeout]);
    assert(performance.now() - now < 3_600_000);
  });
});

describe("withoutPauses()", () => {
  it("skips a task's pauses, which shortens its deadlines by as much", async () => {
    const pause = () => new Promise((resolve) => setTimeout(resolve, 2_000));
    const rounds = await withoutPauses(async () => {
      let isOver = false;
      setTimeout(() => isOver = true, 9_000);
      for (let round = 1;; round++) {
        await pause();
        if (isOver) return round;
      }
    }, 2_000);
    assertEquals(rounds, 5);
  });
});
