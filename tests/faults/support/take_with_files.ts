import { chmod } from "node:fs/promises";
import { runOnFullDisk } from "../../harness/full_disk.ts";
import { argsFor, type ChildOptions, conclude, PROGRAM, readResult } from "./child.ts";
import type { FileFault } from "./fault_names.ts";
import type { Outcome } from "./rule.ts";
import { runUnprivileged } from "./run_unprivileged.ts";
import type { Step } from "./steps.ts";
import type { World } from "./world.ts";

/** Takes a step in a process to which the files say no, then the next one without that. */
export async function takeWithFiles(
  world: World,
  { command }: Step,
  { fault, env }: { fault: FileFault; env: ChildOptions["env"] },
): Promise<Outcome> {
  const options = { args: argsFor(world, command), env };
  const ended =
    await (fault === "disk full"
      ? runOnFullDisk(PROGRAM, options)
      : runWithMode(world, fault === "read-only folder" ? 0o500 : 0o000, options));
  return await conclude(world, { command, performed: readResult(ended) });
}

async function runWithMode({ folder }: World, mode: number, options: ChildOptions) {
  await chmod(folder, mode);
  try {
    return await runUnprivileged(PROGRAM, options);
  } finally {
    await chmod(folder, 0o700);
  }
}
