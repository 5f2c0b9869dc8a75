import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { startDeadline } from "../doors/core.ts";

function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}

/** Keeps the process from doing anything, as a suspension does. */
function standStill(durationMs: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, durationMs);
}

describe("startDeadline()", () => {
  it("calls when the time is over, not before", async () => {
    const startedAt = performance.now();
    await new Promise<void>((resolve) => startDeadline(50, resolve));
    assert(performance.now() - startedAt >= 45);
  });

  it("calls no more once it was stopped", async () => {
    let isOver = false;
    startDeadline(10, () => isOver = true)();
    await pause(50);
    assertEquals(isOver, false);
  });

  it("takes any length of time", async () => {
    let isOver = false;
    const stop = startDeadline(Number.MAX_VALUE, () => isOver = true);
    await pause(20);
    stop();
    assertEquals(isOver, false);
  });

  it("gives a process that was suspended a moment, then calls all the same unless it was stopped", async () => {
    const called: string[] = [];
    const over = new Promise<void>((resolve) =>
      startDeadline(10, () => {
        called.push("over");
        resolve();
      })
    );
    const stop = startDeadline(10, () => called.push("stopped"));
    standStill(500);
    // An answer that waits is read in the next turns of the event loop.
    await pause(0);
    await pause(0);
    assertEquals(called, []);
    stop();
    await over;
    await pause(20);
    assertEquals(called, ["over"]);
  });

  it("gives that moment again to a process that was suspended in it", async () => {
    const called: string[] = [];
    const stop = startDeadline(10, () => called.push("over"));
    standStill(500); // The moment lasts as long.
    await pause(0);
    standStill(2_000);
    await pause(0);
    await pause(0);
    stop();
    await pause(50);
    assertEquals(called, []);
  });
});
