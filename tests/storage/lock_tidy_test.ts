import { assertEquals } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { mkdir, readdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { loadRuntime } from "../doors/runtime.ts";
import { LockDirectory, tidy } from "../doors/storage.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";

/** When the holder last wrote its live file. */
const NOW = 1_800_000_000_000;

let temporary: TemporaryFolder;
let path: string;
beforeEach(async () => {
  temporary = await makeTemporaryFolder();
  path = join(temporary.path, "lock");
  await mkdir(path);
});
afterEach(() => temporary.remove());

async function leave(names: readonly string[], { ageMs = 0 } = {}): Promise<void> {
  for (const name of names) {
    await writeFile(join(path, name), "");
    await utimes(join(path, name), (NOW - ageMs) / 1000, (NOW - ageMs) / 1000);
  }
}

/** Tidies up as the holder of a number, unless it has lost the lock. Returns what is left. */
async function left(number: number, { isHeld = true } = {}): Promise<string[]> {
  const runtime = await loadRuntime();
  const directory = new LockDirectory(runtime, path);
  const claim = { port: 1, nonce: "own", host: null };
  const presence = { claim, beatenAt: () => Promise.resolve(NOW) };
  await tidy({ runtime, directory }, number, { presence, isStillHeld: () => Promise.resolve(isHeld) });
  return (await readdir(path)).sort();
}

describe("tidy()", () => {
  it("keeps the last numbers, and forbids those that it removes for good", async () => {
    await leave(["63", "64", "65", "96"]);
    assertEquals(await left(96), ["65", "96", "floor"]);
    assertEquals(await new LockDirectory(await loadRuntime(), path).readFloor(), 64);
  });

  it("removes what others left more than a minute ago", async () => {
    const others = ["killed.live", "7x", "01", "0", "floor.0123.tmp"];
    await leave([...others, "96"], { ageMs: 60_001 });
    assertEquals(await left(96), ["96", "floor"]);
  });

  it("removes nothing younger, such as a successor's live file if we were overtaken", async () => {
    await leave(["successor.live", "96"], { ageMs: 60_000 });
    assertEquals(await left(96), ["96", "floor", "successor.live"]);
  });

  it("does nothing if others may have overtaken us: they may have raised the floor further", async () => {
    await leave(["1", "64", "96", "killed.live"], { ageMs: 60_001 });
    assertEquals(await left(96, { isHeld: false }), ["1", "64", "96", "killed.live"]);
  });
});
