import type { Group, Line, Role } from "../bench.ts";
import { type ProcessCase, timeProcesses } from "./processes.ts";
import { writeProgram } from "./programs.ts";
import { type BenchRuntime, withScripts } from "./runtimes.ts";

/** A program that is timed as a whole process. */
export interface TimedProgram extends Omit<ProcessCase, "command"> {
  role: Role;
  source: string;
  /** Whether it imports a package which needs a script to run at its installation. */
  needsScripts?: boolean;
}

/** What a group of programs is called, and how often they run. */
export interface ProcessGroupOptions {
  label: string;
  goal?: string;
  rounds: number;
}

/** Times programs against each other, as whole processes. */
export async function timePrograms(
  runtime: BenchRuntime,
  programs: readonly TimedProgram[],
  { label, goal, rounds }: ProcessGroupOptions,
): Promise<Group> {
  const cases: ProcessCase[] = [];
  for (const { source, needsScripts, ...rest } of programs) {
    const place = needsScripts ? withScripts(runtime) : runtime;
    cases.push({ ...rest, command: await writeProgram(place, `${label} ${rest.label}`, source) });
  }
  const times = await timeProcesses(cases, { rounds });
  const lines = programs.map((program): Line => ({
    label: program.label,
    role: program.role,
    samples: times[program.label]!,
  }));
  return { label, unit: "ms", ...(goal !== undefined && { goal }), lines };
}
