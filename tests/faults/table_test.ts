import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { NETWORK_FAULTS } from "./support/fault_names.ts";
import type { StepName } from "./support/steps.ts";
import { TABLE } from "./table.ts";

/** The steps that are a single request, for which the table has every network fault. */
const REQUESTS: StepName[] = [
  "login(): token exchange",
  "login(): user info",
  "completeLogin(): exchange of a pasted code",
  "getAccessToken(): refresh of an expired token",
  "getAccessToken(): refresh of a token valid for a few more seconds",
  "logout(): revocation",
  "whoami()",
  "verifyToken()",
];

function faultsOf(step: StepName) {
  return TABLE[step].flatMap(({ faults }) => faults);
}

describe("The table of faults", () => {
  for (const step of REQUESTS) {
    it(`covers every network fault of ${step}`, () => {
      const known = faultsOf(step);
      assertEquals(NETWORK_FAULTS.filter((fault) => !known.includes(fault)), []);
    });
  }

  it("has one outcome for each fault in each step", () => {
    for (const step of Object.keys(TABLE) as StepName[]) {
      const faults = faultsOf(step);
      assertEquals(faults.filter((fault, index) => faults.indexOf(fault) !== index), [], step);
    }
  });
});
