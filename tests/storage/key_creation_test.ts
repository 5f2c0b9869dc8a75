import { assertEquals } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { loadRuntime } from "../doors/runtime.ts";
import { type KeyCreationOptions, whileCreatingKey } from "../doors/storage.ts";
import { caught } from "../harness/caught.ts";
import { onFakeClock } from "../harness/fake_clock.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";

let folder: TemporaryFolder;
let options: KeyCreationOptions;
beforeEach(async () => {
  folder = await makeTemporaryFolder();
  const item = { service: "service", username: "name" };
  options = { runtime: await loadRuntime(), path: join(folder.path, "credentials@default.json"), item };
});
afterEach(() => folder.remove());

describe("whileCreatingKey()", () => {
  it("runs one task at a time for a key, whichever profile it is created for", async () => {
    let running = 0;
    const task = async () => {
      assertEquals(++running, 1);
      for (let times = 0; times < 5; times++) await readdir(folder.path); // Others could come in meanwhile.
      return running--;
    };
    const work = { ...options, path: join(folder.path, "credentials@default@work.json") };
    await Promise.all([options, work, options].map((options) => whileCreatingKey(options, task)));
    assertEquals(await readdir(folder.path), ["keychain@name.lock"]);
  });

  it("gives up if another process takes too long", async () => {
    await whileCreatingKey(options, () =>
      onFakeClock(async (clock) => {
        const waiting = caught(() => whileCreatingKey(options, () => Promise.resolve("created")));
        await clock.advance(30_000);
        assertEquals((await waiting).message, "The keychain failed: another process is creating its key");
      }));
  });
});
