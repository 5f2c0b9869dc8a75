import { assertEquals, assertMatch } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Files, loadRuntime, type Runtime } from "../doors/runtime.ts";
import { removeOwnFile, writeOwnFile } from "../doors/storage.ts";
import { caught } from "../harness/caught.ts";
import { systemError } from "../harness/fake_runtime.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";

const NAME = "credentials@default.json";

let folder: TemporaryFolder;
let path: string;
let real: Runtime;
beforeEach(async () => {
  folder = await makeTemporaryFolder();
  path = join(folder.path, NAME);
  real = await loadRuntime();
});
afterEach(() => folder.remove());

function withFiles(files: Partial<Files>): Runtime {
  return { ...real, files: { ...real.files, ...files } };
}

describe("removeOwnFile()", () => {
  it("removes the file and what killed writers left of it", async () => {
    await writeOwnFile(real, path, "stored");
    const killed = withFiles({
      rename: () => Promise.reject(systemError("EIO")),
      remove: () => Promise.reject(systemError("EIO")),
    });
    for (let times = 0; times < 2; times++) await caught(() => writeOwnFile(killed, path, "secret"));
    assertEquals((await readdir(folder.path)).length, 3);
    await removeOwnFile(real, path);
    assertEquals(await readdir(folder.path), []);
  });

  it("leaves files that only look similar", async () => {
    const others = [
      `${NAME}.0123456789abcdef.tmp.old`,
      `${NAME}.0123456789abcde.tmp`,
      `${NAME}.0123456789abcdef0.tmp`,
      `${NAME}.0123456789abcde+.tmp`,
      `${NAME}.old.0123456789abcdef.tmp`,
      `${NAME}.lock`,
      `credentials@default@work.json.0123456789abcdef.tmp`,
      `credentials@another.json.0123456789abcdef.tmp`,
      "0123456789abcdef.tmp",
    ].sort();
    for (const name of [NAME, ...others]) await writeFile(join(folder.path, name), "");
    await removeOwnFile(real, path);
    assertEquals((await readdir(folder.path)).sort(), others);
  });

  it("reports which file cannot be removed, and why", async () => {
    const denied = withFiles({ remove: () => Promise.reject(systemError("EACCES")) });
    const error = await caught(() => removeOwnFile(denied, path));
    assertEquals(error.code, "storage");
    assertMatch(error.message, /^Cannot remove the credential file .*credentials@default\.json \(EACCES\)$/);
  });
});
