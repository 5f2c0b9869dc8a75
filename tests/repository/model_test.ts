import { describe } from "@std/testing/bdd";
import { itAtLength, itWith } from "../harness/requirement.ts";
import { assertHolds, CHECKER } from "./model/check.ts";

describe("the model of the lock", () => {
  itWith(CHECKER, "has never two holders, whatever a listing shows", async () => {
    await assertHolds({ model: "lock", defines: ["LAST=3"] });
  });

  itWith(CHECKER, "always goes on, though a listing is no snapshot", async () => {
    await assertHolds({ model: "lock", defines: ["LAST=3", "SCAN"], of: "progress" });
  });

  itWith(CHECKER, "has never two holders on different hosts, of which one may stand still", async () => {
    await assertHolds({ model: "lock", defines: ["LAST=3", "ELSEWHERE"] });
  });
});

describe("the model of the session", () => {
  itWith(CHECKER, "uses no refresh token twice, loses no live session and undoes no logout", async () => {
    await assertHolds({ model: "session", defines: ["TOKENS=2", "LOGINS=0"] });
  });

  itAtLength(CHECKER, "always goes on", async () => {
    await assertHolds({ model: "session", defines: ["LOGINS=0", "LOGOUTS=0"], of: "progress" });
  });
});
