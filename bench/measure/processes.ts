/** A process that is timed. */
export interface ProcessCase {
  label: string;
  command: readonly [string, ...string[]];
  env?: Record<string, string>;
  /** What has to be done before each start, untimed. */
  before?: () => Promise<void>;
}

/** How {@linkcode timeProcesses} runs them. */
export interface RoundOptions {
  rounds: number;
}

/**
 * Extra certificates cost every process of Node 30 ms, and a terminal's colours are of no interest: these are the same
 * for all.
 */
const ENVIRONMENT: Readonly<Record<string, string>> = { NODE_EXTRA_CA_CERTS: "", NO_COLOR: "1" };

/**
 * Times whole processes, from their start until they are gone: part of what a module costs falls at the end. They take
 * turns, so that what else the machine does strikes all alike; the first round fills caches and does not count.
 *
 * @param cases The processes.
 * @param options How often they run.
 * @returns The times of each in milliseconds, round by round.
 */
export async function timeProcesses(
  cases: readonly ProcessCase[],
  { rounds }: RoundOptions,
): Promise<Map<string, number[]>> {
  const times = new Map<string, number[]>(cases.map(({ label }) => [label, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const item of cases) {
      const took = await timeProcess(item);
      if (round > 0) times.get(item.label)!.push(took);
    }
  }
  return times;
}

async function timeProcess(
  { label, command: [program, ...args], env, before }: ProcessCase,
): Promise<number> {
  await before?.();
  const started = performance.now();
  const child = new Deno.Command(program, { args, env: { ...ENVIRONMENT, ...env }, stdin: "null" });
  const { success, stderr } = await child.output();
  const took = performance.now() - started;
  if (!success) throw new Error(`${label} failed: ${new TextDecoder().decode(stderr)}`);
  return took;
}
