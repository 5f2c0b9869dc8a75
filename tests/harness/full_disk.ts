import { spawn } from "node:child_process";
import process from "node:process";
import { commandOf, OWN_RUNTIME, type ProgramResult } from "./program.ts";

/** Limits the size of files: beyond it writes fail, as on a full disk. Ignores the signal. */
const FULL_DISK = `trap "" XFSZ; ulimit -f "$1"; shift; exec "$@"`;

/**
 * Runs `tests/programs/NAME.ts` to its end while files cannot be written. Needs no privileges.
 *
 * @param options `room` is how large a file can become, in blocks of 512 bytes.
 */
export function runOnFullDisk(
  name: string,
  { args, env = {}, room = 0 }: { args: string[]; env?: Record<string, string>; room?: number },
): Promise<ProgramResult> {
  const command = commandOf(name, { runtime: OWN_RUNTIME, permissions: ["-A"], preload: "no_deadlines" });
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
