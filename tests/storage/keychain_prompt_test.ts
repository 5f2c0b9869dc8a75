import { assertEquals } from "@std/assert";
import { afterEach, beforeEach, describe } from "@std/testing/bdd";
import { KEYCHAIN_PROGRAMS, runOperation, startOperation, withKeyring } from "../harness/keychain_program.ts";
import { QUICKEST_RUNTIME } from "../harness/program.ts";
import { itWith } from "../harness/requirement.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";

/** How long a user may take to answer a prompt. */
const PROMPT_MS = 5_000;

describe("a keychain with an unanswered prompt", () => {
  let folder: TemporaryFolder;
  beforeEach(async () => {
    folder = await makeTemporaryFolder();
  });
  afterEach(() => folder.remove());

  for (const [how, exitCode] of [["comes to its end", undefined], ["calls exit()", "7"]] as const) {
    itWith(
      KEYCHAIN_PROGRAMS,
      `does not keep a process alive that ${how}`,
      () =>
        withKeyring({ prompts: "unanswered" }, async ({ env, lock, calledFile }) => {
          await runOperation(folder.path, ["set", "error", "secret"], { env, runtime: QUICKEST_RUNTIME });
          await lock();
          const { code, stdout } = await startOperation(folder.path, ["get", "error"], {
            env: { ...env, EXIT_CODE: exitCode },
            deadlines: { [PROMPT_MS]: calledFile },
          });
          assertEquals(code, Number(exitCode ?? 0));
          assertEquals(JSON.parse(stdout).message, "The keychain did not respond");
        }),
    );
  }
});
