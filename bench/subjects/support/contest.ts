import type { Sample } from "../../bench.ts";
import { takeTurns, type TurnOptions } from "../../measure/take_turns.ts";

/** Something that is timed. */
export type Task = () => unknown;

/** How {@linkcode contest} works. */
export interface ContestOptions extends TurnOptions {
  /** How often each task runs in a round. */
  calls: number;
  /** What takes part in one of so many rounds only, by name. */
  every?: Record<string, number>;
}

/**
 * Runs tasks in turns.
 *
 * @param tasks The tasks.
 * @param options How often they run.
 * @returns The time of one call of each, in microseconds, round by round.
 */
export async function contest(
  tasks: Record<string, Task>,
  { calls, every = {}, ...turns }: ContestOptions,
): Promise<Record<string, Sample[]>> {
  const subjects = Object.entries(tasks).map(([name, task]) => [
    name,
    { measure: () => timeCalls(task, calls), every: every[name] },
  ]);
  return await takeTurns(Object.fromEntries(subjects), turns);
}

async function timeCalls(task: Task, calls: number): Promise<number> {
  const started = performance.now();
  for (let call = 0; call < calls; call++) await task();
  return (performance.now() - started) / calls * 1000;
}
