import { assert, assertEquals } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { loadRuntime } from "../doors/runtime.ts";
import { type BuiltInStoreKind, isShared, openBuiltInStore, type SharedStore } from "../doors/storage.ts";
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

async function openShared(kind: "keychain" | "file"): Promise<SharedStore> {
  const store = await open(kind);
  assert(isShared(store));
  return store;
}

describe("openBuiltInStore()", () => {
  it("tells where each store keeps credentials, and how it protects them", async () => {
    assertEquals(await (await open("memory")).describe(), { location: "memory", protection: "memory" });
    assertEquals(await (await open("file")).describe(), { location: filePath, protection: "none" });
    assertEquals(await (await open("keychain")).describe(), { location: filePath, protection: "keychain" });
  });

  it("shares all but the memory store with other processes", async () => {
    assertEquals(isShared(await open("memory")), false);
    for (const kind of ["file", "keychain"] as const) assert(isShared(await open(kind)));
  });

  it("keeps a login from another, and from nobody who uses the credentials", async () => {
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

  it("shares a tombstone that is not part of the record", async () => {
    const store = await openShared("file");
    await store.tombstone.write("hash");
    await store.set("tokens", "value");
    await store.delete("tokens");
    assertEquals(await (await openShared("keychain")).tombstone.read(), "hash");
    assertEquals(await readdir(folder.path), ["credentials.json.ended"]);
  });
});
