import { runProgram } from "../../harness/program.ts";
import { argsFor, type ChildOptions, conclude, PROGRAM, readResult } from "./child.ts";
import type { Command, Performed } from "./perform.ts";
import type { Outcome } from "./rule.ts";
import type { Step } from "./steps.ts";
import type { World } from "./world.ts";

/** Takes a step in a process that meets an untrusted certificate, then the next one. */
export async function takeOverTls(
  world: World,
  { command, path, after }: Step,
  env: ChildOptions["env"],
): Promise<Outcome> {
  const run = async (command: Command): Promise<Performed> =>
    readResult(await runProgram(PROGRAM, { args: argsFor(world, command), env }));
  world.server.fail({ path: path!, after, fault: "distrusted" });
  return await conclude(world, { command, performed: await run(command) }, run);
}
