import { assertEquals, assertNotMatch } from "@std/assert";
import { afterEach, beforeEach, describe } from "@std/testing/bdd";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type KeychainUser, type Operation, startKeychainUser } from "../harness/keychain_program.ts";
import { itWith } from "../harness/requirement.ts";
import { SYSTEM_KEYCHAIN, withSystemKeychain } from "../harness/system_keychain.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";

/** Longer than Windows' Credential Manager allows. */
const SECRET = "a-secret-token".repeat(1_000);

describe("the keychain store on this system's keychain", () => {
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
        const [one, other] = [startKeychainUser({ env }), startKeychainUser({ env })];
        const resultOf = async (user: KeychainUser, operation: Operation[0], value?: string) =>
          (await user.run(folder.path, [operation, "error", value])).result;

        assertEquals(await resultOf(one, "set", SECRET), null);
        assertEquals(await resultOf(other, "get"), SECRET);
        for (const file of await readdir(folder.path, { withFileTypes: true })) {
          if (!file.isFile()) continue;
          assertNotMatch(await readFile(join(folder.path, file.name), "latin1"), /a-secret-token/);
        }

        await resultOf(one, "set", "another");
        assertEquals(await resultOf(other, "get"), "another");
        await resultOf(one, "delete");
        assertEquals(await resultOf(other, "get"), null);
        await Promise.all([one.close(), other.close()]);
      }),
  );
});
