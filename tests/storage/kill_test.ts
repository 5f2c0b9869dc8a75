import { assert, assertEquals } from "@std/assert";
import { describe } from "@std/testing/bdd";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { createCredentialStore } from "@clerk/cli-auth";
import { SECRET_SERVICE, startKeyring } from "../harness/keyring.ts";
import { canRunOn, KILLED_ITSELF, OWN_RUNTIME, runProgram } from "../harness/program.ts";
import { itWith } from "../harness/requirement.ts";
import { makeTemporaryFolder } from "../harness/temporary_folder.ts";

/** What a writer found, and how far it came. */
interface Written {
  found: { number: number; length: number; filling: number } | null;
  /** The step before which it was killed; `undefined` if it was not. */
  killedBefore: string | undefined;
}

async function write(kind: "file" | "keychain", step: number, env: Record<string, string>): Promise<Written> {
  const { stdout, stderr, signal } = await runProgram("store_writer", { args: [kind, String(step)], env });
  const found = /^found (.*)$/m.exec(stdout)?.[1];
  const killedBefore = /^killed before: (.*)$/m.exec(stdout)?.[1];
  assert(found !== undefined && stdout.includes("stored") === (killedBefore === undefined), stdout + stderr);
  assertEquals(signal, killedBefore === undefined ? null : KILLED_ITSELF);
  return { found: JSON.parse(found), killedBefore };
}

/**
 * Stores a value, then kills writers, each one step later than the previous one, until one finishes. What each finds
 * must be complete: what the previous writer found, or what it was to store. Returns the steps.
 */
async function killAtEveryStep(kind: "file" | "keychain", env: Record<string, string>): Promise<string[]> {
  await write(kind, Infinity, env);
  const steps: string[] = [];
  const finds = new Set<"old" | "new">();
  for (let number = 1;;) {
    const { found, killedBefore } = await write(kind, steps.length + 1, env);
    assert(found && found.filling === found.length, `${found?.filling} of ${found?.length}`);
    assert(found.number === number || found.number === number + 1, `${found.number} after ${number}`);
    finds.add(found.number === number ? "old" : "new");
    number = found.number;
    if (killedBefore === undefined) {
      assertEquals([...finds], ["old", "new"]);
      return steps;
    }
    steps.push(killedBefore);
  }
}

const WRITING = ["make a folder", "create", "write the other half", "rename", "sync"];

describe("a killed writer", () => {
  itWith(
    canRunOn(OWN_RUNTIME),
    "leaves the credential file complete, old or new, at any step",
    async () => {
      const folder = await makeTemporaryFolder();
      try {
        const filePath = join(folder.path, "credentials.json");
        assertEquals(await killAtEveryStep("file", { STORE_FILE: filePath }), WRITING);
        await createCredentialStore("file", { filePath }).delete("tokens");
        assertEquals(await readdir(folder.path), []);
      } finally {
        await folder.remove();
      }
    },
  );

  const both = { missing: SECRET_SERVICE.missing ?? canRunOn(OWN_RUNTIME).missing };
  itWith(both, "leaves the sealed file complete, old or new, at any step", async () => {
    const [folder, keyring] = await Promise.all([makeTemporaryFolder(), startKeyring()]);
    try {
      const env = { ...keyring.env, STORE_FILE: join(folder.path, "credentials.json") };
      assertEquals(await killAtEveryStep("keychain", env), [...WRITING, "remove"]);
    } finally {
      await Promise.all([folder.remove(), keyring.close()]);
    }
  });
});
