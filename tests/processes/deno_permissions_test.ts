import { readFile } from "node:fs/promises";
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { createEmulator } from "@clerk/cli-auth/testing";
import { SECRET_SERVICE, startKeyring } from "../harness/keyring.ts";
import { runProgram } from "../harness/program.ts";
import { itWith } from "../harness/requirement.ts";
import { makeTemporaryFolder } from "../harness/temporary_folder.ts";

const ROOT = new URL("../../", import.meta.url);

/** The flags of the README's narrow list, for a home folder. */
async function documentedFlags(home: string): Promise<string[]> {
  const readme = await readFile(new URL("README.md", ROOT), "utf8");
  const command = /^deno run \\\n([\s\S]*?) \\\n {2}cli\.ts$/m.exec(readme)?.[1];
  assert(command, "the README shows a command with permissions");
  return command.split("\\\n").map((line) =>
    line.trim().replaceAll('"', "").replaceAll("$HOME", home).replace(",your-app.clerk.accounts.dev", "")
  );
}

async function runWholeSession(env: Record<string, string>): Promise<Record<string, unknown>> {
  const emulator = createEmulator();
  const { issuer, close } = await emulator.listen();
  const home = await makeTemporaryFolder();
  try {
    const { stdout, stderr, code } = await runProgram("permissions", {
      runtime: "deno",
      args: [JSON.stringify({ clientId: emulator.application.clientId, issuer })],
      permissions: [...await documentedFlags(home.path), "--no-prompt"],
      env: { ...env, HOME: home.path, XDG_CONFIG_HOME: undefined },
    });
    assertEquals([code, stderr], [0, ""]);
    return JSON.parse(stdout);
  } finally {
    await close();
    await home.remove();
  }
}

describe("The README's narrow list of Deno's permissions", () => {
  it("serves a whole session where there is no keychain", async () => {
    const { events, ...rest } = await runWholeSession({ DBUS_SESSION_BUS_ADDRESS: "unix:path=/nonexistent" });
    assertEquals(rest, { isSame: true, isRenewed: true, cleared: true });
    assertEquals((events as string[]).filter((type) => /down|stored|refresh/.test(type)), [
      "downgraded",
      "stored:none",
      "refreshed",
    ]);
  });

  itWith(SECRET_SERVICE, "serves a whole session with a keychain", async () => {
    const keyring = await startKeyring();
    try {
      const { events, ...rest } = await runWholeSession(keyring.env);
      assertEquals(rest, { isSame: true, isRenewed: true, cleared: true });
      assertEquals((events as string[]).filter((type) => /down|stored|refresh/.test(type)), [
        "stored:keychain",
        "refreshed",
      ]);
    } finally {
      await keyring.close();
    }
  });
});
