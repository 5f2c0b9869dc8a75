import { assertEquals } from "@std/assert";
import { afterAll, afterEach, beforeAll, beforeEach, describe } from "@std/testing/bdd";
import { readdir } from "node:fs/promises";
import {
  KEYCHAIN_PROGRAMS,
  type KeychainUser,
  NO_KEYCHAIN,
  type Operation,
  startKeychainUser,
} from "../harness/keychain_program.ts";
import { type Keyring, startKeyring } from "../harness/keyring.ts";
import { itWith } from "../harness/requirement.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";

/** From where the same directory is used, and so with which keychain, if any. */
type View = "desktop" | "ssh" | "other machine" | "locked";

/** Where something is done, what, and the outcome: a value, `null` for nothing, or an error code. */
type Step = [view: View, operation: string, outcome: string | null];

/** How a login decides on the protection, and what holds from then on. */
const TABLE: Record<string, Step[]> = {
  "a sealed record is unavailable elsewhere, not absent": [
    ["desktop", "set a", null],
    ["ssh", "get", "keychain"],
    ["locked", "get", "storage"],
    ["other machine", "get", "storage"],
    ["desktop", "get", "a"],
  ],
  "a plain record counts everywhere, as long as it exists": [
    ["ssh", "set a", null],
    ["desktop", "get", "a"],
    ["other machine", "get", "a"],
    ["ssh", "get", "a"],
  ],
  "a plain login replaces a sealed one, for all views": [
    ["desktop", "set old", null],
    ["ssh", "set new", null],
    ["desktop", "get", "new"],
    ["ssh", "get", "new"],
  ],
  "the end of a plain login does not bring back the sealed one before it": [
    ["desktop", "set old", null],
    ["ssh", "set new", null],
    ["ssh", "delete", null],
    ["desktop", "get", null],
    ["ssh", "get", null],
  ],
  "a sealed login replaces a plain one, for all views": [
    ["ssh", "set old", null],
    ["desktop", "set new", null],
    ["desktop", "get", "new"],
    ["ssh", "get", "keychain"],
  ],
  "the end of a sealed login does not bring back the plain one before it": [
    ["ssh", "set old", null],
    ["desktop", "set new", null],
    ["desktop", "delete", null],
    ["ssh", "get", null],
    ["desktop", "get", null],
  ],
  "a sealed record is deleted even if it cannot be read": [
    ["desktop", "set old", null],
    ["ssh", "delete", null],
    ["desktop", "get", null],
    ["ssh", "get", null],
    ["desktop", "set new", null],
    ["desktop", "get", "new"],
  ],
  "a plain record is deleted from any view, with the sealed one before it": [
    ["desktop", "set old", null],
    ["ssh", "set new", null],
    ["desktop", "delete", null],
    ["ssh", "get", null],
    ["desktop", "get", null],
  ],
  "two machines that share a home directory keep a sealed record each": [
    ["desktop", "set a", null],
    ["other machine", "set b", null],
    ["desktop", "get", "a"],
    ["other machine", "get", "b"],
    ["other machine", "delete", null],
    ["desktop", "get", "a"],
    ["other machine", "get", null],
  ],
  "a replaced record stays replaced when another machine seals one": [
    ["desktop", "set old", null],
    ["ssh", "set plain", null],
    ["other machine", "set new", null],
    ["desktop", "get", null],
    ["other machine", "get", "new"],
    ["desktop", "set newer", null],
    ["desktop", "get", "newer"],
    ["other machine", "get", "new"],
  ],
  "a locked keychain is not a missing one: nothing is stored in the clear": [
    ["locked", "set a", "keychain"],
    ["ssh", "get", null],
  ],
};

describe("the protection is decided by a login", () => {
  let folder: TemporaryFolder;
  let keyrings: Keyring[] = [];
  let views: Record<View, KeychainUser>;

  beforeAll(async () => {
    if (KEYCHAIN_PROGRAMS.missing !== undefined) return;
    const [desktop, otherMachine, locked] = await Promise.all([
      startKeyring(),
      startKeyring(),
      startKeyring(),
    ]);
    await locked.lock();
    keyrings = [desktop, otherMachine, locked];
    views = {
      "desktop": startKeychainUser({ env: desktop.env }),
      "other machine": startKeychainUser({ env: otherMachine.env }),
      "locked": startKeychainUser({ env: locked.env }),
      "ssh": startKeychainUser({ env: NO_KEYCHAIN }),
    };
  });
  afterAll(async () => {
    await Promise.all(Object.values(views ?? {}).map((user) => user.close()));
    await Promise.all(keyrings.map((keyring) => keyring.close()));
  });
  beforeEach(async () => {
    folder = await makeTemporaryFolder();
  });
  afterEach(() => folder.remove());

  for (const [promise, steps] of Object.entries(TABLE)) {
    itWith(KEYCHAIN_PROGRAMS, promise, async () => {
      for (const [index, [view, what, expected]] of steps.entries()) {
        const [operation, value] = what.split(" ") as [Operation[0], string | undefined];
        const { code, result } = await views[view].run(folder.path, [operation, "file", value]);
        assertEquals(code ?? result, expected, `step ${index + 1}: ${what} from ${view}`);
      }
    });
  }

  itWith(KEYCHAIN_PROGRAMS, "a plain record is rejected if the fallback is forbidden", async () => {
    const run = (view: View, ...operation: Operation) => views[view].run(folder.path, operation);
    await run("ssh", "set", "file", "plain");
    assertEquals((await run("desktop", "get", "error")).code, "keychain");
    assertEquals((await run("ssh", "set", "error", "new")).code, "keychain");
    assertEquals((await run("desktop", "set", "error", "sealed")).code, undefined);
    assertEquals((await run("desktop", "get", "error")).result, "sealed");
    assertEquals((await readdir(folder.path)).includes("credentials.json"), false);
  });
});
