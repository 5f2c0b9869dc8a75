import { assertEquals } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { lstat, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { loadRuntime } from "../doors/runtime.ts";
import { fileStore } from "../doors/storage.ts";
import { caught } from "../harness/caught.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";

const CREDENTIALS = JSON.stringify({ version: 1, entries: { tokens: "of somebody" } });

let temporary: TemporaryFolder;
let folder: string;
let path: string;
let outside: string;
beforeEach(async () => {
  temporary = await makeTemporaryFolder();
  folder = join(temporary.path, "ours");
  path = join(folder, "credentials.json");
  outside = join(temporary.path, "outside.json");
  await mkdir(folder);
  await writeFile(outside, CREDENTIALS);
});
afterEach(() => temporary.remove());

async function openStore() {
  return fileStore({ runtime: await loadRuntime(), path });
}

describe("a link in the place of the credential file", () => {
  it("is replaced if it leads out of its directory, without reading or writing its target", async () => {
    await symlink(outside, path);
    assertEquals((await caught(async () => await (await openStore()).get("tokens"))).code, "storage");
    await (await openStore()).set("tokens", "ours");
    assertEquals((await lstat(path)).isFile(), true);
    assertEquals(await readFile(outside, "utf8"), CREDENTIALS);
  });

  it("is replaced if it leads nowhere", async () => {
    await symlink(join(temporary.path, "nothing.json"), path);
    assertEquals(await (await openStore()).get("tokens"), null);
    await (await openStore()).set("tokens", "ours");
    assertEquals((await lstat(path)).isFile(), true);
    assertEquals(await readdir(temporary.path), ["ours", "outside.json"]);
  });

  it("is followed if it stays in its directory", async () => {
    await writeFile(join(folder, "real.json"), CREDENTIALS);
    await symlink("real.json", path);
    assertEquals(await (await openStore()).get("tokens"), "of somebody");
  });

  it("is not assumed if the directory itself is reached through a link", async () => {
    await writeFile(path, CREDENTIALS);
    await symlink(folder, join(temporary.path, "linked"));
    path = join(temporary.path, "linked", "credentials.json");
    assertEquals(await (await openStore()).get("tokens"), "of somebody");
  });
});
