import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { loadRuntime, type Runtime } from "../doors/runtime.ts";
import { setAside } from "../doors/storage.ts";
import { caught } from "../harness/caught.ts";
import { systemError } from "../harness/fake_runtime.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";

let folder: TemporaryFolder;
let path: string;
let runtime: Runtime;

beforeEach(async () => {
  folder = await makeTemporaryFolder();
  path = join(folder.path, "credentials.json");
  runtime = await loadRuntime();
});
afterEach(() => folder.remove());

/** The runtime, on which something happens right before a file is renamed. */
function before(happens: () => Promise<unknown>): Runtime {
  const rename: Runtime["files"]["rename"] = async (from, to) => {
    await happens();
    await runtime.files.rename(from, to);
  };
  return { ...runtime, files: { ...runtime.files, rename } };
}

describe("setAside()", () => {
  it("gives the file the first name that is free", async () => {
    for (const name of [`${path}.corrupt`, `${path}.corrupt.2`, `${path}.corrupt.3`]) {
      await writeFile(path, "torn");
      assertEquals(await setAside(runtime, path, "torn"), name);
      assertEquals(await readFile(name, "utf8"), "torn");
    }
    assertEquals((await readdir(folder.path)).length, 3);
  });

  it("leaves a file that another process has replaced meanwhile", async () => {
    await writeFile(path, "torn");
    const replaced = before(() => writeFile(path, "written by a login"));
    assertEquals(await setAside(replaced, path, "torn"), undefined);
    assertEquals(await readdir(folder.path), ["credentials.json"]);
    assertEquals(await readFile(path, "utf8"), "written by a login");
  });

  it("lets an even later one stand, which another process has written while it was put back", async () => {
    await writeFile(path, "another");
    const link: Runtime["files"]["link"] = async (from, to) => {
      await writeFile(path, "the latest");
      await runtime.files.link(from, to);
    };
    const crowded = { ...runtime, files: { ...runtime.files, link } };
    assertEquals(await setAside(crowded, path, "torn"), undefined);
    assertEquals([await readdir(folder.path), await readFile(path, "utf8")], [
      ["credentials.json"],
      "the latest",
    ]);
  });

  it("tells a failure to put it back", async () => {
    await writeFile(path, "another");
    const link = () => Promise.reject(systemError("EACCES"));
    const broken = { ...runtime, files: { ...runtime.files, link } };
    assertEquals((await caught(() => setAside(broken, path, "torn"))).code, "storage");
  });

  it("does nothing where another process was faster", async () => {
    assertEquals(await setAside(runtime, path, "torn"), undefined);
    assertEquals(await readdir(folder.path), []);
  });

  it("tells which file cannot be set aside, and why", async () => {
    await writeFile(path, "torn");
    const error = await caught(() =>
      setAside(before(() => Promise.reject(systemError("EACCES"))), path, "torn")
    );
    assertEquals([error.code, (error.cause as { code?: string }).code], ["storage", "EACCES"]);
    assertStringIncludes(error.message, "Cannot set aside the credential file");
    assert(error.message.includes(path) && error.action !== "");
  });
});
