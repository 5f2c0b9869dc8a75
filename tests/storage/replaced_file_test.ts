import { assertEquals } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { loadRuntime, type Runtime } from "../doors/runtime.ts";
import { fileStore } from "../doors/storage.ts";
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
  await fileStore({ runtime, path }).set("tokens", "old");
});
afterEach(() => folder.remove());

/** A store on a runtime that loses sight of a file each time something happens to it. */
function storeWhile(...happens: (() => Promise<unknown>)[]) {
  const realPath: Runtime["files"]["realPath"] = async (path) => {
    const next = happens.shift();
    if (!next) return await runtime.files.realPath(path);
    await next();
    throw systemError("ENOENT");
  };
  return fileStore({ runtime: { ...runtime, files: { ...runtime.files, realPath } }, path });
}

describe("a credential file that, during a read,", () => {
  it("is replaced does not look like one that is gone", async () => {
    const replace = async () => await fileStore({ runtime, path }).set("tokens", "new");
    assertEquals(await storeWhile(replace).get("tokens"), "new");
    assertEquals(await storeWhile(replace, replace, replace).get("tokens"), "new");
  });

  it("is removed is gone", async () => {
    assertEquals(await storeWhile(() => rm(path)).get("tokens"), null);
  });

  it("may not be inspected is not tried again", async () => {
    let looks = 0;
    const realPath = () => {
      looks++;
      return Promise.reject(systemError("EACCES"));
    };
    const store = fileStore({ runtime: { ...runtime, files: { ...runtime.files, realPath } }, path });
    assertEquals((await caught(async () => await store.get("tokens"))).code, "storage");
    assertEquals(looks, 1);
  });

  it("never comes to rest is a storage error", async () => {
    const never = Array.from({ length: 100 }, () => () => Promise.resolve());
    assertEquals((await caught(async () => await storeWhile(...never).get("tokens"))).code, "storage");
  });
});
