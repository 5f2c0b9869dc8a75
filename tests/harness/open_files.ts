import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import process from "node:process";
import type { Requirement } from "./requirement.ts";

/** Means to stop a running program from opening files. */
export const OPEN_FILE_LIMIT: Requirement = { missing: whyNoLimit() };

function whyNoLimit(): string | undefined {
  if (process.platform !== "linux") return "only Linux changes the limits of a running program";
  try {
    execFileSync("prlimit", ["--version"]);
    return undefined;
  } catch {
    return "it needs prlimit: apt-get install util-linux";
  }
}

/** Makes a running program fail (`EMFILE`) to open any more files. Open ones stay open. */
export function forbidFiles(pid: number): void {
  const open = new Set(readdirSync(`/proc/${pid}/fd`).map(Number));
  let lowestFree = 0;
  while (open.has(lowestFree)) lowestFree++;
  setLimit(pid, lowestFree);
}

/** Lets it open files again. */
export function permitFiles(pid: number): void {
  setLimit(pid, 1_024);
}

function setLimit(pid: number, files: number): void {
  execFileSync("prlimit", [`--pid=${pid}`, `--nofile=${files}:`]);
}
