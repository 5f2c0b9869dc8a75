import { assert, assertEquals } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { loadRuntime, type Runtime } from "../doors/runtime.ts";
import { fileStore } from "../doors/storage.ts";
import { type FakeClock, installFakeClock } from "../harness/fake_clock.ts";
import { systemError } from "../harness/fake_runtime.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";

let folder: TemporaryFolder;
let path: string;
let runtime: Runtime;
let clock: FakeClock;
beforeEach(async () => {
  clock = installFakeClock((durationMs) => durationMs > 0);
  folder = await makeTemporaryFolder();
  path = join(folder.path, "credentials.json");
  runtime = await loadRuntime();
});
afterEach(async () => {
  clock.uninstall();
  await folder.remove();
});

/** The longest pause before a file that may be half-written is read again. */
const LONGEST_PAUSE_MS = 320;

/** Lets the others run. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

describe("readers of a file that cannot be replaced", () => {
  it("never find nothing, nor move it, while it is written over", async () => {
    let renames = 0;
    const rename: Runtime["files"]["rename"] = (from, to) =>
      renames++ % 2 === 1 ? Promise.reject(systemError("EPERM")) : runtime.files.rename(from, to);
    // A reader that finds half a file looks again once it is whole, before it is written over again.
    const reading = new Set<Promise<unknown>>();
    const overwrite: Runtime["files"]["overwrite"] = async (path, text) => {
      await runtime.files.overwrite(path, text.slice(0, text.length / 2));
      await nextTurn();
      await runtime.files.overwrite(path, text);
      await clock.passWhile(Promise.all(reading), LONGEST_PAUSE_MS);
    };
    const files = { ...runtime.files, rename, overwrite };
    const writer = fileStore({ runtime: { ...runtime, files }, path });
    await writer.set("tokens", "value 0");
    let isOver = false;
    const write = async () => {
      for (let turn = 1; turn <= 200; turn++) {
        await writer.set("tokens", `value ${turn} `.repeat(1 + turn % 50), { mayOverwrite: true });
      }
      isOver = true;
    };
    const read = async () => {
      const store = fileStore({ runtime, path });
      for (; !isOver; await nextTurn()) {
        const value = Promise.resolve(store.get("tokens"));
        reading.add(value);
        assert((await value)?.startsWith("value "));
        reading.delete(value);
      }
    };
    await Promise.all([write(), read(), read(), read()]);
    assertEquals(await readdir(folder.path), ["credentials.json"]);
  });

  it("read it again if they find it truncated", async () => {
    await fileStore({ runtime, path }).set("tokens", "value");
    const whole = await runtime.files.readText(path) ?? "";
    await runtime.files.overwrite(path, whole.slice(0, whole.length / 2));
    const reading = fileStore({ runtime, path }).get("tokens");
    await runtime.files.overwrite(path, whole);
    assertEquals(await clock.passWhile(Promise.resolve(reading), LONGEST_PAUSE_MS), "value");
  });
});
