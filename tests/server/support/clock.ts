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
