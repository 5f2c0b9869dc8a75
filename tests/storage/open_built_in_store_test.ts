import { assert, assertEquals } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { loadRuntime } from "../doors/runtime.ts";
import { type BuiltInStoreKind, type ClientStore, openBuiltInStore } from "../doors/storage.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";

const { signal } = new AbortController();

let folder: TemporaryFolder;
let filePath: string;
beforeEach(async () => {
  folder = await makeTemporaryFolder();
  filePath = join(folder.path, "credentials.json");
});
afterEach(() => folder.remove());

async function open(kind: BuiltInStoreKind) {
  const scope = { application: "client", environment: "default" };
  return await openBuiltInStore(kind, { runtime: await loadRuntime(), scope, filePath });
}

async function openShared(kind: "keychain" | "file") {
  const { crossProcess, ...store }: ClientStore = await open(kind);
  assert(crossProcess);
  return { ...store, ...crossProcess };
}

describe("openBuiltInStore()", () => {
  it("tells where each store keeps credentials, and how it protects them", async () => {
    assertEquals(await (await open("memory")).describe(), { location: "memory", protection: "memory" });
    assertEquals(await (await open("file")).describe(), { location: filePath, protection: "none" });
    assertEquals(await (await open("keychain")).describe(), { location: filePath, protection: "keychain" });
  });

  it("shares all but the memory store with other processes", async () => {
    assertEquals((await open("memory")).crossProcess, undefined);
    for (const kind of ["file", "keychain"] as const) assert((await open(kind)).crossProcess);
  });

  it("excludes another login, but nobody who uses the credentials", async () => {
    const order: string[] = [];
    const note = (what: string) => () => Promise.resolve(void order.push(what));
    const other = await openShared("file");
    let second: Promise<void> | undefined;
    await (await openShared("file")).withLoginLock(async () => {
      second = other.withLoginLock(note("second login"), { signal });
      await other.withLock(note("use"), { signal });
      order.push("first login");
    }, { signal });
    await second;
    assertEquals((await readdir(folder.path)).sort(), [
      "credentials.json.lock",
      "credentials.json.login.lock",
    ]);
    assertEquals(order, ["use", "first login", "second login"]);
  });

  it("shares a logout notice that is not part of the record", async () => {
    const store = await openShared("file");
    await store.logoutNotice.write("hash");
    await store.set("tokens", "value");
    await store.delete("tokens");
    assertEquals(await (await openShared("keychain")).logoutNotice.read(), "hash");
    assertEquals(await readdir(folder.path), ["credentials.json.ended"]);
  });
});
