import { describe } from "@std/testing/bdd";
import { itAtLength, itWith } from "../harness/requirement.ts";
import { assertHolds, CHECKER } from "./model/check.ts";

describe("the model of the lock", () => {
  itWith(CHECKER, "never has two holders, whatever a listing shows", async () => {
    await assertHolds({ model: "lock", defines: ["LAST=3"] });
  });

  itWith(CHECKER, "always makes progress, although a listing is no snapshot", async () => {
    await assertHolds({ model: "lock", defines: ["LAST=3", "SCAN"], of: "progress" });
  });

  itWith(CHECKER, "never has two holders on different hosts, even if one is suspended", async () => {
    await assertHolds({ model: "lock", defines: ["LAST=3", "ELSEWHERE"] });
  });
});

describe("the model of the session", () => {
  itWith(CHECKER, "uses no refresh token twice, loses no live session and undoes no logout", async () => {
    await assertHolds({ model: "session", defines: ["TOKENS=2", "LOGINS=0"] });
  });

  itAtLength(CHECKER, "always makes progress", async () => {
    await assertHolds({ model: "session", defines: ["LOGINS=0", "LOGOUTS=0"], of: "progress" });
  });
});
