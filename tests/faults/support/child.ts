import type { ProgramResult } from "../../harness/program.ts";
import { doAgain, type DoIt } from "./do_again.ts";
import { type Command, perform, type Performed } from "./perform.ts";
import type { Outcome } from "./rule.ts";
import { clientOf, type World } from "./world.ts";

/** The program that runs one command. */
export const PROGRAM = "faults/command";

/** How the program is started for a command. */
export interface ChildOptions {
  args: string[];
  /** Added to the environment of the test. */
  env: Record<string, string>;
}

/** What the program is told. */
export function argsFor({ config }: World, command: Command, more: object = {}): string[] {
  return [command, JSON.stringify({ ...config, ...more })];
}

/** Reads the result that the program reports. */
export function readResult({ code, stdout, stderr }: ProgramResult): Performed {
  if (!stdout.startsWith("{")) throw new Error(`The program ended with ${code}: ${stdout}${stderr}`);
  return JSON.parse(stdout);
}

/** Inspects what a command left behind, and runs it again, by default in this process. */
export async function conclude(
  world: World,
  { command, performed, wasKilled = false }: { command: Command; performed: Performed; wasKilled?: boolean },
  doIt: DoIt = (command) => perform(clientOf(world), command),
): Promise<Outcome> {
  const stored = await world.stored({ wasKilled });
  await world.server.mend();
  return { ...performed, stored, next: await doAgain(world, command, doIt) };
}
