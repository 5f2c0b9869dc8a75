import { type FakeClock, installFakeClock } from "../../harness/fake_clock.ts";

/** A clock that stands still until it is moved. */
export interface Clock {
  /** The time, Unix time in milliseconds. */
  now: () => number;
  /** Moves it forward. */
  advance(ms: number): void;
}

/** Makes a clock. */
export function createClock(): Clock {
  let time = 1_800_000_000_000;
  return { now: () => time, advance: (ms) => time += ms };
}

/** Puts `Date.now()` on a fake clock too: for tests that go through what takes no clock of its own. */
export function installSystemClock(isOnIt?: (durationMs: number) => boolean): FakeClock {
  const { now } = Date;
  const clock = installFakeClock(isOnIt);
  const { uninstall } = clock;
  const offset = now() - performance.now();
  Date.now = () => offset + performance.now();
  clock.uninstall = () => {
    Date.now = now;
    uninstall();
  };
  return clock;
}
