import { assertEquals } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { setImmediate } from "node:timers";
import { startHeartbeat } from "../doors/storage.ts";
import { type FakeClock, installFakeClock } from "../harness/fake_clock.ts";

let clock: FakeClock;
beforeEach(() => {
  clock = installFakeClock();
});
afterEach(() => clock.uninstall());

describe("startHeartbeat()", () => {
  it("beats every second with a counter that goes on, whatever fails, until it is stopped", async () => {
    const beats: number[] = [];
    let hasBeaten = () => {};
    const stop = startHeartbeat((counter) => {
      beats.push(counter);
      hasBeaten();
      return counter === 1 ? Promise.reject(new Error("The disk is full")) : Promise.resolve();
    });
    for (let seconds = 0; seconds < 3; seconds++) {
      const beaten = new Promise<void>((resolve) => hasBeaten = resolve);
      await clock.advance(1_000);
      await beaten;
    }
    await stop();
    await clock.advance(60_000);
    await stop();
    assertEquals(beats, [1, 2, 3]);
  });

  it("does not beat for a task that is done at once", async () => {
    let beats = 0;
    const stop = startHeartbeat(() => Promise.resolve(void beats++));
    await clock.advance(999);
    await stop();
    assertEquals(beats, 0);
  });

  it("is stopped when no beat is under way, and beats once at a time", async () => {
    const log: string[] = [];
    const ends: (() => void)[] = [];
    const stop = startHeartbeat(async (counter) => {
      log.push("begins");
      await new Promise<void>((resolve) => ends[counter] = resolve);
      log.push("ends");
    });
    for (let counter = 1; counter <= 2; counter++) {
      await clock.advance(1_000);
      await settled();
    }
    const stopped = stop().then(() => log.push("stopped"));
    for (const counter of [1, 2]) {
      await settled();
      ends[counter]!();
    }
    await stopped;
    assertEquals(log, ["begins", "ends", "begins", "ends", "stopped"]);
  });
});

/** Everything that needs no event from outside has happened. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
