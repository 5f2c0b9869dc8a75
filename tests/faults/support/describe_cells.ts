import { assertEquals } from "@std/assert";
import { afterAll, beforeAll, describe } from "@std/testing/bdd";
import process from "node:process";
import { OWN_RUNTIME } from "../../harness/program.ts";
import { itWith } from "../../harness/requirement.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../../harness/temporary_folder.ts";
import { TABLE } from "../table.ts";
import { type Cell, cellsOf, requirementOf } from "./cell.ts";
import { makeSurroundings, type Surroundings } from "./surroundings.ts";
import { takeCell } from "./take_cell.ts";

/** Registers tests of some methods: each step has the outcome in the table for every fault. */
export function describeStepsOf(...methods: string[]): void {
  const isWanted = (cell: Cell) =>
    !isOutOfReach(cell) && methods.some((method) => cell.step.startsWith(method));
  describeCells(`With each fault, ${methods.join(" and ")}`, cellsOf(TABLE).filter(isWanted));
}

/** Deno's TLS servers share their sessions: a client that resumes the session of the token request sees no certificate. */
function isOutOfReach({ step, fault }: Cell): boolean {
  return OWN_RUNTIME === "deno" && step === "login(): user info" && fault === "TLS error";
}

/** Registers tests of some cells: they have the outcomes in the table. */
export function describeCells(title: string, cells: readonly Cell[]): void {
  describe(title, () => {
    const homeBefore = process.env.XDG_CONFIG_HOME;
    let folder: TemporaryFolder;
    let surroundings: Surroundings;

    beforeAll(async () => {
      folder = await makeTemporaryFolder();
      process.env.XDG_CONFIG_HOME = folder.path;
      surroundings = await makeSurroundings(folder.path);
    });
    afterAll(async () => {
      if (homeBefore === undefined) delete process.env.XDG_CONFIG_HOME;
      else process.env.XDG_CONFIG_HOME = homeBefore;
      await folder.remove();
    });

    for (const step of new Set(cells.map(({ step }) => step))) {
      describe(step, () => {
        for (const cell of cells.filter((cell) => cell.step === step)) {
          const { outcome } = TABLE[step].find(({ faults }) => faults.includes(cell.fault))!;
          const title = `${cell.fault}: ${outcome.result}, ${outcome.stored} is stored`;
          itWith(requirementOf(cell), title, async () => {
            assertEquals(await takeCell(cell, surroundings), outcome);
          });
        }
      });
    }
  });
}
