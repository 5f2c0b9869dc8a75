import { assertEquals } from "@std/assert";
import { afterEach, beforeEach, describe } from "@std/testing/bdd";
import {
  KEYCHAIN_PROGRAMS,
  type KeychainUser,
  startKeychainUser,
  withKeyring,
} from "../harness/keychain_program.ts";
import { itWith } from "../harness/requirement.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";

const NAPI_VARIABLES = ["NAPI_RS_NATIVE_LIBRARY_PATH", "NAPI_RS_FORCE_WASI", "NAPI_RS_WASI_FLAVOR"];

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await makeTemporaryFolder();
});
afterEach(() => folder.remove());

/** Has a process with some permissions of Deno use a keychain, if a login that finds none fails. */
async function withUser(permissions: string[], task: (user: KeychainUser) => Promise<void>): Promise<void> {
  await withKeyring({}, async ({ env }) => {
    const user = startKeychainUser({ env, permissions });
    await task(user).finally(() => user.close());
  });
}

describe("the keychain store on Deno", () => {
  itWith(KEYCHAIN_PROGRAMS, "needs no more permissions than documented", async () => {
    const permissions = [
      "--allow-ffi",
      "--allow-net=127.0.0.1",
      `--allow-read=/usr/bin/ldd,${folder.path}`,
      `--allow-write=${folder.path}`,
      `--allow-env=STORE_FILE,EXIT_CODE,${NAPI_VARIABLES.join()}`,
    ];
    await withUser(permissions, async (user) => {
      await user.run(folder.path, ["set", "error", "a-secret-token"]);
      assertEquals((await user.run(folder.path, ["get", "error"])).result, "a-secret-token");
    });
  });

  itWith(KEYCHAIN_PROGRAMS, "is missing, without a prompt, where it may not call native code", async () => {
    await withUser(["--allow-env", "--allow-read", "--allow-write"], async (user) => {
      const { code, message } = await user.run(folder.path, ["set", "error", "a-secret-token"]);
      assertEquals(code, "keychain");
      assertEquals(message, "There is no keychain here: Deno lacks the permissions --allow-ffi");
    });
  });
});
