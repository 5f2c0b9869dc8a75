import { chmod } from "node:fs/promises";
import { runOnFullDisk } from "../../harness/full_disk.ts";
import type { ProgramResult } from "../../harness/program.ts";
import { argsFor, type ChildOptions, conclude, PROGRAM, readResult } from "./child.ts";
import type { FileFault } from "./fault_names.ts";
import { type Play, sendTruly } from "./raw_answer.ts";
import type { Outcome } from "./rule.ts";
import { runUnprivileged } from "./run_unprivileged.ts";
import type { Step } from "./steps.ts";
import type { World } from "./world.ts";

const [EVERYTHING, READ_ONLY, NOTHING] = [0o700, 0o500, 0o000] as const;

/** Takes a step in a process whose file operations fail, then the next one normally. */
export async function takeWithFiles(
  world: World,
  step: Step,
  { fault, env }: { fault: FileFault; env: ChildOptions["env"] },
): Promise<Outcome> {
  const { command } = step;
  const options = { args: argsFor(world, command), env };
  const performed = readResult(await run(world, step, { fault, options }));
  return await conclude(world, { command, performed });
}

async function run(
  { folder, server }: World,
  { path, after }: Step,
  { fault, options }: { fault: FileFault; options: ChildOptions },
): Promise<ProgramResult> {
  if (fault === "disk full") return await runOnFullDisk(PROGRAM, options);
  if (fault === "read-only directory") await chmod(folder, READ_ONLY);
  if (fault === "permission denied") await chmod(folder, NOTHING);
  if (fault === "directory read-only when saving") {
    const turnReadOnly: Play = async (socket, answer) => {
      await chmod(folder, READ_ONLY);
      await sendTruly(socket, answer);
    };
    server.fail({ path: path!, after, fault: turnReadOnly });
  }
  try {
    return await runUnprivileged(PROGRAM, options);
  } finally {
    await chmod(folder, EVERYTHING);
  }
}
