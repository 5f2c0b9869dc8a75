import type { FakeClock } from "../../harness/fake_clock.ts";

/**
 * Lets time pass by the length of a timer whenever one of these lengths is set, until a task has ended.
 *
 * @param clock The clock that the task is on.
 * @param task What waits for time to pass.
 * @param durationsMs The lengths, in milliseconds.
 * @returns How much time had to pass, in milliseconds; rejects where the task does.
 */
export async function advanceUntil(
  clock: FakeClock,
  task: Promise<unknown>,
  ...durationsMs: number[]
): Promise<number> {
  const ended = task.then(() => undefined);
  let passedMs = 0;
  for (;;) {
    const set = durationsMs.map((durationMs) => clock.untilSet(durationMs).then(() => durationMs));
    const durationMs = await Promise.race([ended, ...set]);
    if (durationMs === undefined) return passedMs;
    await clock.advance(durationMs);
    passedMs += durationMs;
  }
}
