import { assert } from "@std/assert";
import process from "node:process";

/** What takes less cannot be told from noise, in milliseconds of a processor. */
const NOISE_MS = 0.1;

/** How much longer ten times as much may take: in linear time it is 10, in quadratic time 100. */
const MAX_RATIO = 30;

const MIN_ROUNDS = 3;
const MAX_ROUNDS = 50;

/**
 * Checks that a task takes linear time: that ten times as much is some ten times the work. What this process computes is
 * counted, not the time that passes meanwhile, and the cheapest of many rounds: a busy machine changes nothing.
 *
 * @param task What is measured, as often as it takes.
 * @param size How much a task is, such that ten times as much takes a few milliseconds at most.
 */
export function assertLinear(task: (size: number) => void, size: number): void {
  let once = Infinity;
  let tenfold = Infinity;
  for (let round = 1; round <= MAX_ROUNDS; round++) {
    once = Math.min(once, measure(() => task(size)));
    tenfold = Math.min(tenfold, measure(() => task(10 * size)));
    if (round >= MIN_ROUNDS && tenfold < MAX_RATIO * Math.max(once, NOISE_MS)) return;
  }
  assert(false, `Ten times as much takes a processor ${tenfold} ms instead of ${once} ms`);
}

function measure(task: () => void): number {
  const before = process.cpuUsage();
  task();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
