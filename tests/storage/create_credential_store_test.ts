import { assertEquals } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { createCredentialStore } from "@clerk/cli-auth";
import { caught } from "../harness/caught.ts";
import { CONFIG_DIRECTORY } from "../harness/config_directory.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";

describe("createCredentialStore()", () => {
  let folder: TemporaryFolder;
  const before = process.env[CONFIG_DIRECTORY];

  beforeEach(async () => {
    folder = await makeTemporaryFolder();
    process.env[CONFIG_DIRECTORY] = folder.path;
  });
  afterEach(async () => {
    if (before === undefined) delete process.env[CONFIG_DIRECTORY];
    else process.env[CONFIG_DIRECTORY] = before;
    await folder.remove();
  });

  it("keeps a file under the configuration directory, by client id and environment", async () => {
    await createCredentialStore("file", { clientId: "client1", environment: "staging" }).set(
      "tokens",
      "value",
    );
    const file = join(folder.path, "clerk-cli-auth", "client1", "credentials@staging.json");
    assertEquals(JSON.parse(await readFile(file, "utf8")).entries, { tokens: "value" });
  });

  it("keeps its own file if no client id is given", async () => {
    await createCredentialStore("file").set("tokens", "value");
    const file = join(folder.path, "clerk-cli-auth", "clerk-cli-auth", "credentials@default.json");
    assertEquals(JSON.parse(await readFile(file, "utf8")).entries, { tokens: "value" });
  });

  it("keeps applications and environments apart", async () => {
    await createCredentialStore("file", { clientId: "client1" }).set("tokens", "value");
    const others = [{ clientId: "client2" }, { clientId: "client1", environment: "staging" }, {
      keychainService: "service",
    }, {}];
    for (const other of others) {
      assertEquals(await createCredentialStore("file", other).get("tokens") ?? null, null);
    }
    assertEquals(await createCredentialStore("file", { clientId: "client1" }).get("tokens"), "value");
  });

  it("uses a file path as it is", async () => {
    const filePath = join(folder.path, "my file.json");
    await createCredentialStore("file", { filePath }).set("tokens", "value");
    assertEquals(await createCredentialStore("file", { filePath, clientId: "any" }).get("tokens"), "value");
  });

  it("keeps memory stores apart", async () => {
    await createCredentialStore("memory").set("tokens", "value");
    assertEquals(await createCredentialStore("memory").get("tokens") ?? null, null);
  });

  it("rejects an unknown kind", async () => {
    const error = await caught(() => createCredentialStore("cloud" as "file").get("tokens"));
    assertEquals([error.code, error.message], [
      "config",
      `'kind' must be "keychain", "file" or "memory": got "cloud"`,
    ]);
  });

  it("rejects an invalid issuer", async () => {
    const error = await caught(() => createCredentialStore("file", { issuer: "clerk" }).get("tokens"));
    assertEquals(error.code, "config");
    assertEquals(await createCredentialStore("file", { issuer: "https://clerk.example" }).get("a"), null);
  });

  it("has a lock if other processes can see its records", async () => {
    const store = createCredentialStore("file", { clientId: "client1" });
    const { signal } = new AbortController();
    assertEquals(await store.withLock!(() => Promise.resolve("done"), { signal }), "done");
    assertEquals(createCredentialStore("memory").withLock, undefined);
    assertEquals(typeof createCredentialStore("keychain").withLock, "function");
  });
});
