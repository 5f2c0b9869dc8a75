import { execFileSync, spawn } from "node:child_process";
import process from "node:process";
import { commandOf, OWN_RUNTIME, type ProgramResult } from "../../harness/program.ts";
import type { Requirement } from "../../harness/requirement.ts";
import type { ChildOptions } from "./child.ts";

const IS_ROOT = process.getuid?.() === 0;

/** Drops the privileges by which root ignores permission bits. */
const DROP = [
  "setpriv",
  "--bounding-set=-dac_override,-dac_read_search",
  "--inh-caps=-dac_override,-dac_read_search",
];

/** What programs need that permission bits must hold for. */
export const PERMISSION_BITS: Requirement = {
  missing: !IS_ROOT || canDrop() ? undefined : "root may do anything here: apt-get install util-linux",
};

function canDrop(): boolean {
  try {
    const [command, ...args] = DROP;
    execFileSync(command!, [...args, "true"], { stdio: "ignore" });
    return true;
  } catch {
    return false; // There is no such program, or it may not do that here.
  }
}

/** Runs `tests/programs/NAME.ts` to its end as one for whom permission bits hold. */
export function runUnprivileged(name: string, { args, env }: ChildOptions): Promise<ProgramResult> {
  const prefix = IS_ROOT ? DROP : [];
  const own = commandOf(name, { runtime: OWN_RUNTIME, permissions: ["-A"] });
  const [command = "", ...rest] = [...prefix, ...own, ...args];
  const child = spawn(command, rest, { env: { ...process.env, ...env } });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text) => stdout += text);
  child.stderr.setEncoding("utf8").on("data", (text) => stderr += text);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}
