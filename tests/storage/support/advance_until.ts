import type { FakeClock } from "../../harness/fake_clock.ts";

/**
 * Lets time pass by the length of each timer that has one of these lengths, until a task has ended.
 *
 * @returns How much time had to pass, in milliseconds; rejects if the task does.
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
