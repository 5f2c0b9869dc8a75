import { spawn } from "node:child_process";
import process from "node:process";
import { commandOf, OWN_RUNTIME, type ProgramResult } from "./program.ts";

/** Lets no file grow beyond a size: writes fail then, as on a full disk. The signal that says so is ignored. */
const FULL_DISK = `trap "" XFSZ; ulimit -f "$1"; shift; exec "$@"`;

/**
 * Runs `tests/programs/NAME.ts` to its end where no file can be written to. No privilege is needed for that.
 *
 * @param name The name of the program.
 * @param options Its arguments, what is added to its environment, and how large a file can become, in blocks of 512
 * bytes.
 * @returns How it ended.
 */
export function runOnFullDisk(
  name: string,
  { args, env = {}, room = 0 }: { args: string[]; env?: Record<string, string>; room?: number },
): Promise<ProgramResult> {
  const command = commandOf(name, { runtime: OWN_RUNTIME, permissions: ["-A"] });
  const child = spawn("sh", ["-c", FULL_DISK, "sh", String(room), ...command, ...args], {
    env: { ...process.env, ...env },
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text) => stdout += text);
  child.stderr.setEncoding("utf8").on("data", (text) => stderr += text);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}
