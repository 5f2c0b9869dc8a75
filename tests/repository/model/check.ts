import { assertEquals, assertMatch } from "@std/assert";
import { ROOT } from "../../../scripts/deno_config.ts";
import { run } from "../../../scripts/run.ts";
import type { Requirement } from "../../harness/requirement.ts";

/** How to check a model. */
export interface Check {
  model: "lock" | "session";
  /** Sizes, and steps to remove. */
  defines?: string[];
  /**
   * `safety`: no assertion fails and nobody is stuck; `progress`: nobody loops forever; `failure`: like safety, in an
   * order that finds our failures sooner.
   * @default "safety"
   */
  of?: "safety" | "progress" | "failure";
}

const COMPILE = { safety: ["-DSAFETY"], progress: ["-DNP"], failure: ["-DSAFETY", "-DP_REVERSE"] };
const SEARCH = { safety: [], progress: ["-l"], failure: [] };
const MEMORY_MB = 4_000;

/** The tables of a search, which take longer to clear than a small model to search; that of the states grows with them. */
const TABLES = ["-m100000", "-w18"];

/** The program that searches the states of a model. */
export const CHECKER: Requirement = { missing: await missingTools() };

async function missingTools(): Promise<string | undefined> {
  try {
    await run("spin", ["-V"]);
    await run("cc", ["--version"]);
    return undefined;
  } catch {
    return "the models need spin and a C compiler: apt-get install spin gcc libc6-dev";
  }
}

/** Searches all states of a model; returns the checker's output. */
async function search({ model, defines = [], of = "safety" }: Check): Promise<string> {
  const folder = await Deno.makeTempDir();
  try {
    const source = new URL(`tests/model/${model}.pml`, ROOT).pathname;
    const options = { cwd: folder };
    await run("spin", [...defines.map((name) => `-D${name}`), "-a", source], options);
    // Optimizing takes the compiler longer than it saves the search.
    const flags = ["-w", `-DMEMLIM=${MEMORY_MB}`, ...COMPILE[of]];
    await run("cc", [...flags, "-o", "pan", "pan.c"], options);
    return await run(`${folder}/pan`, [...TABLES, ...SEARCH[of]], options);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Checks that no state breaks a promise. */
export async function assertHolds(check: Check): Promise<void> {
  const report = await search(check);
  assertMatch(report, /errors: 0\n/);
  assertEquals(/not completed|max search depth too small/.test(report), false, report);
}

/** Checks that some state breaks a promise. */
export async function assertFails(check: Check): Promise<void> {
  assertMatch(await search({ ...check, of: "failure" }), /errors: [1-9]/);
}
