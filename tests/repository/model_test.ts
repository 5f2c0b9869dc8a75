import { assertEquals, assertMatch } from "@std/assert";
import { describe } from "@std/testing/bdd";
import { ROOT } from "../../scripts/deno_config.ts";
import { run } from "../../scripts/run.ts";
import { itWith, type Requirement } from "../harness/requirement.ts";

/** What is checked of a model. */
interface Check {
  model: "lock" | "session";
  /** Sizes, and steps that are taken away. */
  defines?: string[];
  /**
   * `safety`: no assertion fails and nobody is stuck; `progress`: nobody goes round in circles for ever; `failure`: the
   * same as safety, in an order that comes upon our failures sooner.
   * @default "safety"
   */
  of?: "safety" | "progress" | "failure";
}

const COMPILE = { safety: ["-DSAFETY"], progress: ["-DNP"], failure: ["-DSAFETY", "-DP_REVERSE"] };
const SEARCH = { safety: [], progress: ["-l"], failure: [] };
const MEMORY_MB = 4_000;

const CHECKER: Requirement = { missing: await missingTools() };

async function missingTools(): Promise<string | undefined> {
  try {
    await run("spin", ["-V"]);
    await run("cc", ["--version"]);
    return undefined;
  } catch {
    return "the models need spin and a C compiler: apt-get install spin gcc libc6-dev";
  }
}

/** Searches all states of a model; gives what the checker says of it. */
async function search({ model, defines = [], of = "safety" }: Check): Promise<string> {
  const folder = await Deno.makeTempDir();
  try {
    const source = new URL(`tests/model/${model}.pml`, ROOT).pathname;
    const options = { cwd: folder };
    await run("spin", [...defines.map((name) => `-D${name}`), "-a", source], options);
    // Optimizing takes the compiler longer than it saves the search.
    const flags = ["-w", `-DMEMLIM=${MEMORY_MB}`, ...COMPILE[of]];
    await run("cc", [...flags, "-o", "pan", "pan.c"], options);
    return await run(`${folder}/pan`, ["-m1000000", ...SEARCH[of]], options);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function assertHolds(check: Check): Promise<void> {
  const report = await search(check);
  assertMatch(report, /errors: 0\n/);
  assertEquals(/not completed|max search depth too small/.test(report), false, report);
}

async function assertFails(check: Check): Promise<void> {
  assertMatch(await search({ ...check, of: "failure" }), /errors: [1-9]/);
}

describe("the model of the lock", () => {
  itWith(CHECKER, "has never two holders, whatever a listing shows", async () => {
    await assertHolds({ model: "lock", defines: ["LAST=5"] });
    await assertHolds({ model: "lock", defines: ["LAST=5", "KEPT=2"] });
  });

  itWith(CHECKER, "always goes on, though a listing is no snapshot", async () => {
    await assertHolds({ model: "lock", defines: ["LAST=4", "SCAN"], of: "progress" });
  });

  for (const step of ["WITHOUT_FLOOR", "WITHOUT_BEACON"]) {
    itWith(CHECKER, `fails ${step}`, () => assertFails({ model: "lock", defines: ["LAST=5", step] }));
  }
});

describe("the model of the session", () => {
  itWith(CHECKER, "uses no refresh token twice, loses no live session and undoes no logout", async () => {
    await assertHolds({ model: "session" });
  });

  itWith(CHECKER, "always goes on", async () => {
    await assertHolds({ model: "session", defines: ["LOGINS=0"], of: "progress" });
  });

  const steps = {
    WITHOUT_REREAD: ["LOGINS=0", "LOGOUTS=0"],
    WITHOUT_MARK: ["LOGINS=0", "LOGOUTS=0"],
    WITHOUT_LOOK_AFTER_MARKING: ["LOGINS=0"],
    WITHOUT_LOOK_AFTER_SAVING: ["LOGINS=0"],
    WITHOUT_LOOK_AFTER_UNMARKING: ["LOGINS=0"],
    REMOVING_TOMBSTONE: [],
  };
  for (const [step, sizes] of Object.entries(steps)) {
    itWith(CHECKER, `fails ${step}`, () => assertFails({ model: "session", defines: [...sizes, step] }));
  }
});
