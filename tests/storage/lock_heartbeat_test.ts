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

/** Something that beats, and the time since its last beat began. */
function presence(rewrite: () => Promise<void> | void = () => {}) {
  const startStopwatch = () => {
    const start = performance.now();
    return () => performance.now() - start;
  };
  let sinceBeat = startStopwatch();
  return {
    async beat() {
      const started = startStopwatch();
      await rewrite();
      sinceBeat = started;
    },
    get sinceBeat() {
      return sinceBeat;
    },
  };
}

describe("startHeartbeat()", () => {
  it("beats every second, whatever fails, until it is stopped", async () => {
    let beats = 0;
    const heartbeat = startHeartbeat(presence(() => {
      if (++beats === 1) throw new Error("The disk is full");
    }));
    await clock.advance(3_000);
    await heartbeat.stop();
    await clock.advance(60_000);
    await heartbeat.stop();
    assertEquals(beats, 3);
  });

  it("does not beat for a task that ends at once", async () => {
    let beats = 0;
    const heartbeat = startHeartbeat(presence(() => void beats++));
    await clock.advance(999);
    await heartbeat.stop();
    assertEquals(beats, 0);
  });

  it("stops when no beat is under way, and beats once at a time", async () => {
    const log: string[] = [];
    const ends: (() => void)[] = [];
    const heartbeat = startHeartbeat(presence(async () => {
      log.push("begins");
      await new Promise<void>((resolve) => ends.push(resolve));
      log.push("ends");
    }));
    for (let seconds = 1; seconds <= 2; seconds++) await clock.advance(1_000);
    const stopped = heartbeat.stop().then(() => log.push("stopped"));
    for (const index of [0, 1]) {
      await settled();
      ends[index]!();
    }
    await stopped;
    assertEquals(log, ["begins", "ends", "begins", "ends", "stopped"]);
  });

  it("is regular while no beat comes more than two seconds after the previous one", async () => {
    let isFull = false;
    const heartbeat = startHeartbeat(presence(() => {
      if (isFull) throw new Error("The disk is full");
    }));
    await clock.advance(60_000);
    isFull = true;
    await clock.advance(2_000);
    assertEquals(heartbeat.isRegular(), true);
    await clock.advance(1);
    assertEquals(heartbeat.isRegular(), false);
    await heartbeat.stop();
  });

  it("is never regular again after the process was suspended", async () => {
    const heartbeat = startHeartbeat(presence());
    clock.suspend(2_001);
    await clock.advance(60_000);
    assertEquals(heartbeat.isRegular(), false);
    await heartbeat.stop();
  });

  it("counts a beat from its start: it may have been seen since then", async () => {
    const ends: (() => void)[] = [];
    const heartbeat = startHeartbeat(
      presence(() => ends.length < 2 ? new Promise<void>((resolve) => ends.push(resolve)) : undefined),
    );
    await clock.advance(2_000);
    ends[0]!();
    await clock.advance(1_000);
    assertEquals(heartbeat.isRegular(), true);
    await clock.advance(1);
    assertEquals(heartbeat.isRegular(), false);
    ends[1]!();
    await heartbeat.stop();
  });
});

/** Resolves when everything has happened that needs no outside event. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
