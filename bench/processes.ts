import type { Sample } from "../bench.ts";
import { type Subject, takeTurns } from "./take_turns.ts";

/** A process that is timed. */
export interface ProcessCase extends Pick<Subject, "every"> {
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
 * Times whole processes, in turns, from their start until they are gone: part of what a module costs falls at the end.
 *
 * @param cases The processes.
 * @param options How often they run.
 * @returns The times of each in milliseconds, by label.
 */
export async function timeProcesses(
  cases: readonly ProcessCase[],
  { rounds }: RoundOptions,
): Promise<Record<string, Sample[]>> {
  const subjects = cases.map((item): [string, Subject] => [
    item.label,
    { measure: () => timeProcess(item), every: item.every },
  ]);
  return await takeTurns(Object.fromEntries(subjects), { rounds });
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
