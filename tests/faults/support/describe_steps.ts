import { assertEquals } from "@std/assert";
import { afterAll, beforeAll, describe } from "@std/testing/bdd";
import { itWith } from "../../harness/requirement.ts";
import { TABLE } from "../table.ts";
import { type Cell, cellsOf, requirementOf } from "./cell.ts";
import { type MatrixRun, startMatrix } from "./run_matrix.ts";
import type { StepName } from "./steps.ts";

/** Registers, for every fault in the steps of some methods, that it comes to what the table says. */
export function describeStepsOf(...methods: string[]): void {
  const isWanted = (step: string) => methods.some((method) => step.startsWith(method));
  const table = Object.entries(TABLE).filter(([step]) => isWanted(step));

  describe(`With each fault, ${methods.join(" and ")}`, () => {
    let run: MatrixRun;
    beforeAll(async () => {
      run = await startMatrix(cellsOf(TABLE).filter(({ step }) => isWanted(step)));
    });
    afterAll(() => run.close());

    for (const [step, rules] of table) {
      describe(step, () => {
        for (const { faults, outcome } of rules) {
          for (const fault of faults) {
            const cell: Cell = { step: step as StepName, fault };
            const title = `${fault}: ${outcome.result}, ${outcome.stored} is stored`;
            itWith(requirementOf(cell), title, async () => assertEquals(await run.outcomeOf(cell), outcome));
          }
        }
      });
    }
  });
}
