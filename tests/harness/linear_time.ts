import { assert } from "@std/assert";
import process from "node:process";

/** Less CPU time than this is noise. */
const NOISE_MS = 0.1;

/** How much longer ten times the input may take: linear time is 10, quadratic 100. */
const MAX_RATIO = 30;

const MIN_ROUNDS = 3;
const MAX_ROUNDS = 50;

/**
 * Checks that a task takes linear time: ten times the input is about ten times the work. Counts the CPU time of this
 * process, and the cheapest of many rounds, so that a busy machine makes no difference.
 *
 * @param size The size of the task, such that ten times as much takes a few milliseconds at most.
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
