/**
 * The models in full size, and whether their checks would notice a missing step. tests/repository/model_test.ts checks
 * smaller ones, in every run of the tests.
 */
import { describe } from "@std/testing/bdd";
import { itWith } from "../harness/requirement.ts";
import { assertFails, assertHolds, CHECKER } from "./model/check.ts";

describe("the whole model of the lock", () => {
  itWith(CHECKER, "never has two holders, whatever a listing shows", async () => {
    await assertHolds({ model: "lock", defines: ["LAST=5"] });
    await assertHolds({ model: "lock", defines: ["LAST=5", "KEPT=2"] });
  });

  itWith(CHECKER, "never has two holders on different hosts, even if one is suspended", async () => {
    await assertHolds({ model: "lock", defines: ["LAST=4", "ELSEWHERE"] });
  });

  itWith(CHECKER, "always makes progress, although a listing is no snapshot", async () => {
    await assertHolds({ model: "lock", defines: ["LAST=4", "SCAN"], of: "progress" });
    await assertHolds({ model: "lock", defines: ["LAST=3", "SCAN", "ELSEWHERE"], of: "progress" });
  });

  const steps = {
    WITHOUT_FLOOR: ["LAST=4"],
    WITHOUT_BEACON: ["LAST=4"],
    WITHOUT_FENCE: ["LAST=3", "ELSEWHERE"],
    WITHOUT_FENCE_AT_FLOOR: ["LAST=4", "ELSEWHERE"],
  };
  for (const [step, sizes] of Object.entries(steps)) {
    itWith(CHECKER, `fails ${step}`, () => assertFails({ model: "lock", defines: [...sizes, step] }));
  }
});

describe("the whole model of the session", () => {
  itWith(CHECKER, "uses no refresh token twice, loses no live session and undoes no logout", async () => {
    await assertHolds({ model: "session" });
  });

  itWith(CHECKER, "always makes progress", async () => {
    await assertHolds({ model: "session", defines: ["LOGINS=0"], of: "progress" });
  });

  const steps = {
    WITHOUT_REREAD: ["LOGINS=0", "LOGOUTS=0"],
    WITHOUT_MARK: ["LOGINS=0", "LOGOUTS=0"],
    WITHOUT_LOOK_AFTER_MARKING: ["LOGINS=0"],
    WITHOUT_LOOK_AFTER_SAVING: ["LOGINS=0"],
    WITHOUT_LOOK_AFTER_UNMARKING: ["LOGINS=0"],
    REMOVING_NOTICE: [],
  };
  for (const [step, sizes] of Object.entries(steps)) {
    itWith(CHECKER, `fails ${step}`, () => assertFails({ model: "session", defines: [...sizes, step] }));
  }
});
