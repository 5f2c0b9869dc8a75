import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "npm:fast-check@4.10.2";
import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { IS_THOROUGH } from "../harness/extent.ts";
import { TARGETS } from "./all_targets.ts";
import { readRegressions } from "./regression_cases.ts";
import { runTarget } from "./run_target.ts";

/** `deno task fuzz` tries more. */
const CASES = IS_THOROUGH ? 100 : 30;
/** A busy machine may be slow, but not as slow as a runaway regular expression. */
const CASE_LIMIT_MS = 60_000;

describe("fuzzing", () => {
  for (const target of TARGETS) {
    it(`${target.name}: no crash, no hang, no leaked secret, no wrong acceptance`, async () => {
      const seed = Math.floor(Math.random() * 2 ** 31);
      const details = await runTarget(target, { cases: CASES, seed, caseLimitMs: CASE_LIMIT_MS });
      assert(!details.failed, `${fc.defaultReportMessage(details)}\n${details.errorInstance}`);
      assertEquals(details.numRuns, CASES);
    });

    it(`${target.name}: stays fixed for inputs that once broke it`, async () => {
      for (const input of await readRegressions(target.name)) await target.check(input);
    });
  }

  it("has no regression cases for removed targets", async () => {
    const files = await readdir(fileURLToPath(new URL("./regressions/", import.meta.url)));
    const known = TARGETS.map(({ name }) => `${name}.json`);
    assertEquals(files.filter((file) => !known.includes(file)), []);
  });
});
