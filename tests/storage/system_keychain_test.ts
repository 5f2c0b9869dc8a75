import { assertEquals, assertNotMatch } from "@std/assert";
import { afterEach, beforeEach, describe } from "@std/testing/bdd";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Outcome, runOperation } from "../harness/keychain_program.ts";
import { itWith } from "../harness/requirement.ts";
import { SYSTEM_KEYCHAIN, withSystemKeychain } from "../harness/system_keychain.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";

/** Longer than what Windows' Credential Manager takes. */
const SECRET = "a-secret-token".repeat(1_000);

describe("the keychain store on the keychain of this system", () => {
  let folder: TemporaryFolder;
  beforeEach(async () => {
    folder = await makeTemporaryFolder();
  });
  afterEach(() => folder.remove());

  itWith(
    SYSTEM_KEYCHAIN,
    "keeps what another process finds again, and writes it nowhere in the clear",
    () =>
      withSystemKeychain(async (env) => {
        const run = (operation: "get" | "set" | "delete", value?: string): Promise<Outcome> =>
          runOperation(folder.path, [operation, "error", value], { env });

        assertEquals((await run("set", SECRET)).result, null);
        assertEquals((await run("get")).result, SECRET);
        for (const file of await readdir(folder.path, { withFileTypes: true })) {
          if (!file.isFile()) continue;
          assertNotMatch(await readFile(join(folder.path, file.name), "latin1"), /a-secret-token/);
        }

        await run("set", "another");
        assertEquals((await run("get")).result, "another");
        await run("delete");
        assertEquals((await run("get")).result, null);
      }),
  );
});
