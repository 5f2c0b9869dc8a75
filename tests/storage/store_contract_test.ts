import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { createCredentialStore, type CredentialStore } from "@clerk/cli-auth";
import { loadRuntime } from "../doors/runtime.ts";
import { openBuiltInStore } from "../doors/storage.ts";
import { type OpenStore, STORE_CONTRACT, STORE_LOCK_CONTRACT } from "../doors/testing.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";

describe("the memory store", () => {
  testContract(() => {
    const store = createCredentialStore("memory");
    return () => store;
  });
});

describe("the file store", () => {
  let folder: TemporaryFolder;
  beforeEach(async () => {
    folder = await makeTemporaryFolder();
  });
  afterEach(() => folder.remove());

  testContract(() => () => createCredentialStore("file", { filePath: `${folder.path}/credentials.json` }));

  for (const { name, check } of STORE_LOCK_CONTRACT) {
    it(name, async () => {
      const runtime = await loadRuntime();
      const filePath = `${folder.path}/credentials.json`;
      const scope = { application: "client", environment: "default" };
      await check(() => openBuiltInStore("file", { runtime, scope, filePath }));
    });
  }
});

describe("a custom store, as documented", () => {
  testContract(() => {
    const store = mapStore();
    return () => store;
  });
});

function testContract(create: () => OpenStore): void {
  for (const { name, check } of STORE_CONTRACT) it(name, () => check(create()));
}

function mapStore(): CredentialStore {
  const entries = new Map<string, string>();
  return {
    get: (key) => entries.get(key),
    set: (key, value) => void entries.set(key, value),
    delete: (key) => entries.delete(key),
  };
}
