import { assertEquals } from "@std/assert";
import { afterAll, beforeAll, describe } from "@std/testing/bdd";
import { itWith } from "../harness/requirement.ts";
import { cellsOf, requirementOf } from "./support/cell.ts";
import { type MatrixRun, startMatrix } from "./support/run_matrix.ts";
import { TABLE } from "./table.ts";

describe("The client", () => {
  let run: MatrixRun;

  beforeAll(async () => {
    run = await startMatrix(cellsOf(TABLE));
  });
  afterAll(() => run.close());

  for (const [step, rules] of Object.entries(TABLE)) {
    describe(step, () => {
      for (const { faults, outcome } of rules) {
        for (const fault of faults) {
          const cell = { step: step as keyof typeof TABLE, fault };
          itWith(
            requirementOf(cell),
            `${fault}: ${outcome.result}, ${outcome.stored} is stored`,
            async () => {
              assertEquals(await run.outcomeOf(cell), outcome);
            },
          );
        }
      }
    });
  }
});
