import { assert, assertEquals } from "@std/assert";
import { describe } from "@std/testing/bdd";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { createCredentialStore } from "@clerk/cli-auth";
import { SECRET_SERVICE, startKeyring } from "../harness/keyring.ts";
import { canRunOn, OWN_RUNTIME, runProgram, startProgram } from "../harness/program.ts";
import { itWith } from "../harness/requirement.ts";
import { makeTemporaryFolder } from "../harness/temporary_folder.ts";

/** How long after its first write a writer is killed, at the most, in milliseconds. */
const LIFETIME_MS = 12;

/** Starts a writer, kills it at a random moment, and gives the number that it said it had stored last. */
async function killWriter(kind: "file" | "keychain", env: Record<string, string>): Promise<number> {
  const writer = startProgram("store_writer", { args: [kind], env });
  await writer.waitForOutput(/stored/);
  await new Promise((resolve) => setTimeout(resolve, Math.random() * LIFETIME_MS));
  writer.child.kill("SIGKILL");
  const { stdout } = await writer.ended;
  return Number(stdout.match(/\d+/g)?.at(-1));
}

/** What is stored must be whole: what was said to be stored last, or what was being written then. */
function checkStored(value: string | null | undefined, acknowledged: number): void {
  const { number, length, filling } = JSON.parse(value ?? "null");
  assertEquals(filling.length, length);
  assert(number === acknowledged || number === acknowledged + 1, `${number} after ${acknowledged}`);
}

describe("a writer that is killed", () => {
  itWith(canRunOn(OWN_RUNTIME), "leaves the credential file whole, 200 times, old or new", async () => {
    const folder = await makeTemporaryFolder();
    const killRepeatedly = async (lane: number) => {
      const filePath = join(folder.path, `${lane}.json`);
      for (let kill = 0; kill < 50; kill++) {
        const acknowledged = await killWriter("file", { STORE_FILE: filePath });
        checkStored(await createCredentialStore("file", { filePath }).get("tokens"), acknowledged);
      }
      await createCredentialStore("file", { filePath }).delete("tokens");
    };
    try {
      await Promise.all([1, 2, 3, 4].map(killRepeatedly));
      assertEquals(await readdir(folder.path), []);
    } finally {
      await folder.remove();
    }
  });

  const both = { missing: SECRET_SERVICE.missing ?? canRunOn(OWN_RUNTIME).missing };
  itWith(both, "leaves the sealed file whole, 20 times, old or new", async () => {
    const [folder, keyring] = await Promise.all([makeTemporaryFolder(), startKeyring()]);
    try {
      const env = { ...keyring.env, STORE_FILE: join(folder.path, "credentials.json") };
      for (let kill = 0; kill < 20; kill++) {
        const acknowledged = await killWriter("keychain", env);
        const { stdout } = await runProgram("store_reader", { args: ["keychain"], env });
        checkStored(stdout, acknowledged);
      }
    } finally {
      await Promise.all([folder.remove(), keyring.close()]);
    }
  });
});
