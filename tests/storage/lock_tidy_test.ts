import { assertEquals } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { loadRuntime } from "../doors/runtime.ts";
import { LockDirectory, type Presence, tidy } from "../doors/storage.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";

const OWN = "own-nonce";
const NUMBER = 100;

let temporary: TemporaryFolder;
let path: string;
beforeEach(async () => {
  temporary = await makeTemporaryFolder();
  path = join(temporary.path, "lock");
  await mkdir(path);
});
afterEach(() => temporary.remove());

async function leave(...names: string[]): Promise<void> {
  for (const name of names) await writeFile(join(path, name), "");
}

/** Tidies up as the holder of a number; gives what is left. */
async function left(olderNumbers: number): Promise<string[]> {
  const runtime = await loadRuntime();
  const folder = new LockDirectory(runtime, path);
  const presence = { claim: { port: 1, nonce: OWN, host: null } } as Presence;
  await tidy({ runtime, directory: folder, standstillMs: 1 }, { number: NUMBER, presence, olderNumbers });
  return (await readdir(path)).sort();
}

describe("tidy()", () => {
  it("leaves the last numbers, and forbids those that it removes for ever", async () => {
    await leave("67", "68", "69", "100");
    assertEquals(await left(64), ["100", "69", "floor"]);
    assertEquals(await new LockDirectory(await loadRuntime(), path).readFloor(), 68);
  });

  it("removes what others have left, and nothing of its own", async () => {
    const others = ["killed.live", "killed.next", "7x", "01", "0", "floor.0123.tmp", `${OWN}x.live`];
    await leave(...others, `${OWN}.live`, `${OWN}.next`, "100");
    assertEquals(await left(64), ["100", "floor", `${OWN}.live`, `${OWN}.next`].sort());
  });

  it("does nothing while there are few", async () => {
    await leave("1", "100", "killed.live");
    assertEquals(await left(63), ["1", "100", "killed.live"]);
  });
});
