/** Something that is timed. */
export type Task = () => unknown;

/** How {@linkcode contest} works. */
export interface ContestOptions {
  rounds: number;
  /** How often each task runs in a round. */
  calls: number;
}

/**
 * Runs tasks in turns. The first round warms up and does not count.
 *
 * @param tasks The tasks.
 * @param options How often they run.
 * @returns The time of one call of each, in microseconds, round by round.
 */
export async function contest(
  tasks: Record<string, Task>,
  { rounds, calls }: ContestOptions,
): Promise<Record<string, number[]>> {
  const results: Record<string, number[]> = {};
  for (let round = 0; round <= rounds; round++) {
    for (const [name, task] of Object.entries(tasks)) {
      const started = performance.now();
      for (let call = 0; call < calls; call++) await task();
      const took = (performance.now() - started) / calls * 1000;
      if (round > 0) (results[name] ??= []).push(took);
    }
  }
  return results;
}
