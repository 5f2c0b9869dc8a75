import { assertEquals } from "@std/assert";
import { afterAll, beforeAll, describe } from "@std/testing/bdd";
import { canRunOn, OWN_RUNTIME } from "../harness/program.ts";
import { itWith } from "../harness/requirement.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";
import { SERVER_TABLE } from "./server_table.ts";
import type { TokenKind } from "./support/server_rule.ts";
import { makeSurroundings, type Surroundings } from "./support/surroundings.ts";
import { takeServer } from "./support/take_server.ts";

describe("handle(), asked with", () => {
  let folder: TemporaryFolder;
  let surroundings: Surroundings;

  beforeAll(async () => {
    folder = await makeTemporaryFolder();
    surroundings = await makeSurroundings(folder.path);
  });
  afterAll(() => folder.remove());

  for (const [kind, rules] of Object.entries(SERVER_TABLE)) {
    describe(kind, () => {
      for (const { faults, answered } of rules) {
        for (const fault of faults) {
          const needed = fault === "TLS error" ? canRunOn(OWN_RUNTIME) : { missing: undefined };
          itWith(needed, `answers ${answered.status} to ${fault}, and 200 when it is over`, async () => {
            assertEquals(await takeServer(kind as TokenKind, fault, surroundings), answered);
          });
        }
      }
    });
  }
});
