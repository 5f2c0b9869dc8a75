import { assertEquals, assertMatch } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { mkdir, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { loadRuntime } from "../doors/runtime.ts";
import { logoutNotice } from "../doors/storage.ts";
import { caught } from "../harness/caught.ts";
import { itWith, unlessWindows } from "../harness/requirement.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";

let folder: TemporaryFolder;
let path: string;
beforeEach(async () => {
  folder = await makeTemporaryFolder();
  path = join(folder.path, "credentials.json");
});
afterEach(() => folder.remove());

async function open() {
  return logoutNotice(await loadRuntime(), path);
}

describe("logoutNotice()", () => {
  it("names nothing if none was written", async () => {
    assertEquals(await (await open()).read(), null);
  });

  it("names the token that was written last, to every process, in its own file", async () => {
    await (await open()).write("first");
    await (await open()).write("second");
    assertEquals(await (await open()).read(), "second");
    assertEquals(await readdir(folder.path), ["credentials.json.ended"]);
    assertEquals(await readFile(`${path}.ended`, "utf8"), "second\n");
  });

  itWith(unlessWindows("permission bits"), "keeps it from others", async () => {
    await (await open()).write("token");
    assertEquals((await stat(`${path}.ended`)).mode & 0o777, 0o600);
  });

  it("is a storage error if it can be neither read nor written", async () => {
    await mkdir(`${path}.ended`);
    assertMatch(
      (await caught(async () => (await open()).read())).message,
      /^Cannot read .*\.ended \(EISDIR\)$/,
    );
    const error = await caught(async () => (await open()).write("hash"));
    assertEquals(error.code, "storage");
    assertMatch(error.message, /^Cannot write .*\.ended \([A-Z]+\)$/);
  });
});
