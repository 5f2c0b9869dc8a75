import { assertEquals } from "@std/assert";
import { afterAll, beforeAll, describe } from "@std/testing/bdd";
import { canRunOn, OWN_RUNTIME } from "../../harness/program.ts";
import { itWith } from "../../harness/requirement.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../../harness/temporary_folder.ts";
import { SERVER_TABLE } from "../server_table.ts";
import type { ServerFault, TokenKind } from "./server_rule.ts";
import { makeSurroundings, type Surroundings } from "./surroundings.ts";
import { takeServer } from "./take_server.ts";

/** A backend that is sent a token and meets a fault. */
export interface ServerCell {
  kind: TokenKind;
  fault: ServerFault;
}

/** Registers tests of some cells: the backend responds as the table says. */
export function describeServer(cells: readonly ServerCell[]): void {
  describe("handle()", () => {
    let folder: TemporaryFolder;
    let surroundings: Surroundings;

    beforeAll(async () => {
      folder = await makeTemporaryFolder();
      surroundings = await makeSurroundings(folder.path);
    });
    afterAll(() => folder.remove());

    for (const { kind, fault } of cells) {
      const { answered } = SERVER_TABLE[kind].find(({ faults }) => faults.includes(fault))!;
      const needed = fault === "TLS error" ? canRunOn(OWN_RUNTIME) : { missing: undefined };
      const title = `responds ${answered.status} to ${kind} on ${fault}, and 200 once it is over`;
      itWith(needed, title, async () => {
        assertEquals(await takeServer(kind, fault, surroundings), answered);
      });
    }
  });
}
