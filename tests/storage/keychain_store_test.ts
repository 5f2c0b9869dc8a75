import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { copyFile, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BuiltInStore } from "../../src/storage/built_in_store.ts";
import { type BuiltInStoreOptions, openBuiltInStore } from "../../src/storage/open_built_in_store.ts";
import { caught, everythingSaidBy } from "../harness/caught.ts";
import { createFakeKeyring, type FakeKeyring } from "../harness/fake_keyring.ts";
import { createFakeRuntime } from "../harness/fake_runtime.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";

const ITEM = "clerk-cli-auth/client@default";

let folder: TemporaryFolder;
let keyring: FakeKeyring;
let events: string[];
beforeEach(async () => {
  folder = await makeTemporaryFolder();
  keyring = createFakeKeyring();
  events = [];
});
afterEach(() => folder.remove());

/** Opens the store as another process would. No prompt can be in the way, as on Windows. */
async function open(
  { profile, ...options }: Partial<BuiltInStoreOptions> & { profile?: string } = {},
): Promise<BuiltInStore> {
  const runtime = await createFakeRuntime({ platform: "windows", parts: { keyring } });
  return await openBuiltInStore("keychain", {
    runtime,
    scope: { application: "client", environment: "default", profile },
    filePath: plainFile(profile),
    issuer: "https://issuer.example",
    onSetAside: (_, to) => events.push(`set aside ${to.slice(folder.path.length + 1)}`),
    onDowngraded: ({ reason, message }) => events.push(`downgraded: ${reason}: ${message}`),
    ...options,
  });
}

function plainFile(profile = "default"): string {
  return join(folder.path, `${profile}.json`);
}

async function sealedFile(profile = "default"): Promise<string> {
  const names = await readdir(folder.path);
  const name = names.find((name) => name.startsWith(`${profile}.`) && name.endsWith(".sealed"));
  assert(name, `There is no sealed file among ${names}`);
  return join(folder.path, name);
}

async function alter(path: string, change: (file: Record<string, unknown>) => unknown): Promise<void> {
  const file = JSON.parse(await readFile(path, "utf8"));
  change(file);
  await writeFile(path, JSON.stringify(file));
}

describe("the key", () => {
  it("is created by a login, and by nothing else", async () => {
    const error = await caught(async () => await (await open()).set("tokens", "refreshed"));
    assertEquals([error.code, error.action], ["storage", "Sign in"]);
    await (await open()).delete("tokens");
    assertEquals(keyring.secrets.size, 0);
    await (await open()).saveLogin("tokens", "value");
    assertMatch(keyring.secrets.get(ITEM) ?? "", /^v1\./);
  });

  it("is read once in a process", async () => {
    const store = await open();
    await store.saveLogin("tokens", "value");
    keyring.reads = 0;
    const other = await open();
    for (let turn = 0; turn < 3; turn++) assertEquals(await other.get("tokens"), "value");
    await other.set("tokens", "refreshed");
    assertEquals(keyring.reads, 1);
  });

  it("that is gone makes a sealed record a storage error, not a sign-out", async () => {
    await (await open()).saveLogin("tokens", "value");
    keyring.secrets.clear();
    for (
      const use of [
        (store: BuiltInStore) => store.get("tokens"),
        (store: BuiltInStore) => store.set("a", "b"),
      ]
    ) {
      const error = await caught(async () => await use(await open()));
      assertEquals([error.code, error.action], ["storage", "Sign in again"]);
    }
  });

  for (
    const [what, item] of [
      ["something else", "a password of the person"],
      ["a key under another id", `v1.0123456789abcdef.${"A".repeat(43)}`],
    ] as const
  ) {
    it(`is told apart from ${what} in its place`, async () => {
      await (await open()).saveLogin("tokens", "value");
      const sealed = await sealedFile();
      keyring.secrets.set(ITEM, item);
      await copyFile(sealed, sealed.replace(/[0-9a-f]{16}(?=\.sealed$)/, "0123456789abcdef"));
      const error = await caught(async () => await (await open()).get("tokens"));
      assertEquals(error.code, "keychain");
      assertStringIncludes(error.message, "something else than the key");
      assert(!everythingSaidBy(error).includes(item));
      assertEquals(events, []);
    });
  }

  it("takes the place of something else at the next login", async () => {
    keyring.secrets.set(ITEM, "something else");
    await (await open()).saveLogin("tokens", "value");
    assertEquals(await (await open()).get("tokens"), "value");
  });
});

describe("a sealed record", () => {
  it("is sealed anew, with another nonce, by each write", async () => {
    const store = await open();
    const texts = new Set<string>();
    for (let turn = 0; turn < 3; turn++) {
      await store.saveLogin("tokens", "value");
      texts.add(await readFile(await sealedFile(), "utf8"));
    }
    assertEquals(texts.size, 3);
  });

  it("that was altered is set aside, reported once, and then nothing is stored", async () => {
    await (await open()).saveLogin("tokens", "value");
    const path = await sealedFile();
    await alter(path, (file) => file.entries = { tokens: "AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAA" });
    const error = await caught(async () => await (await open()).get("tokens"));
    assertEquals([error.code, error.action], ["storage", "Sign in again"]);
    assertEquals(events, [`set aside ${path.slice(folder.path.length + 1)}.corrupt`]);
    assertEquals(await (await open()).get("tokens"), null);
    await (await open()).saveLogin("tokens", "new");
    assertEquals(await (await open()).get("tokens"), "new");
    assertEquals(events.length, 1);
  });

  for (const text of ["", "{", "[]", '{"version":2}']) {
    it(`that reads ${JSON.stringify(text)} is set aside`, async () => {
      await (await open()).saveLogin("tokens", "value");
      const path = await sealedFile();
      await writeFile(path, text);
      assertEquals((await caught(async () => await (await open()).get("tokens"))).code, "storage");
      assertEquals(await readFile(`${path}.corrupt`, "utf8"), text);
    });
  }

  it("belongs to its issuer", async () => {
    await (await open()).saveLogin("tokens", "value");
    assertEquals(await (await open({ issuer: "https://other.example" })).get("tokens"), null);
    assertEquals(await (await open({ issuer: undefined })).get("tokens"), "value");
  });

  it("is not opened as that of another issuer, profile or key, whatever the file says", async () => {
    await (await open()).saveLogin("tokens", "value");
    const path = await sealedFile();
    const moved = path.replace("default.", "work.");
    await copyFile(path, moved);
    assertEquals(await (await open({ profile: "work" })).get("tokens"), null);
    await alter(moved, (file) => file.profile = "work");
    assertEquals(
      (await caught(async () => await (await open({ profile: "work" })).get("tokens"))).code,
      "storage",
    );

    await alter(path, (file) => file.entries = { other: (file.entries as { tokens: string }).tokens });
    assertEquals((await caught(async () => await (await open()).get("other"))).code, "storage");
  });

  it("has one key for all profiles, and a file for each", async () => {
    await (await open()).saveLogin("tokens", "a");
    await (await open({ profile: "work" })).saveLogin("tokens", "b");
    assertEquals(await (await open()).get("tokens"), "a");
    assertEquals(await (await open({ profile: "work" })).get("tokens"), "b");
    assertEquals([...keyring.secrets.keys()], [ITEM]);
  });
});

describe("a login without a keychain", () => {
  beforeEach(() => {
    keyring.failure = new Error("org.freedesktop.secrets was not provided by any .service files");
  });

  it("stores in the clear and says so, with the reason", async () => {
    const store = await open();
    await store.saveLogin("tokens", "value");
    assertEquals(events, ["downgraded: missing: There is no keychain here"]);
    assertEquals(await store.describe(), { location: plainFile(), protection: "none" });
    assertEquals(await (await open()).get("tokens"), "value");
  });

  it("stores nothing where that is forbidden", async () => {
    const error = await caught(async () =>
      await (await open({ keychainFallback: "error" })).saveLogin("tokens", "value")
    );
    assertEquals([error.code, error.retryable], ["keychain", false]);
    assertEquals(await readdir(folder.path), []);
  });

  it("is not undone by a refresh that finds one", async () => {
    await (await open()).saveLogin("tokens", "value");
    keyring.failure = undefined;
    await (await open()).set("tokens", "refreshed");
    assertEquals(await readdir(folder.path), ["default.json"]);
    assertEquals(keyring.secrets.size, 0);
  });

  it("is undone by the next login that finds one, which takes the other entries along", async () => {
    const store = await open();
    await store.saveLogin("tokens", "value");
    await store.set("other", "kept");
    keyring.failure = undefined;
    const later = await open();
    await later.saveLogin("tokens", "new");
    assertEquals([await later.get("tokens"), await later.get("other")], ["new", "kept"]);
    assertEquals(await readdir(folder.path).then((names) => names.includes("default.json")), false);
    assertEquals((await later.describe()).protection, "keychain");
  });
});

describe("a sealed record whose keychain is out of reach", () => {
  beforeEach(async () => {
    await (await open()).saveLogin("tokens", "old");
    keyring.failure = new Error("DBus error: no DBUS_SESSION_BUS_ADDRESS");
  });

  it("is not touched by a refresh, which fails", async () => {
    const before = await readFile(await sealedFile(), "utf8");
    assertEquals((await caught(async () => await (await open()).set("tokens", "new"))).code, "keychain");
    assertEquals(await readFile(await sealedFile(), "utf8"), before);
    assertEquals((await readdir(folder.path)).length, 1);
  });

  it("does not come back when the plain file that replaced it is corrupt", async () => {
    await (await open()).saveLogin("tokens", "new");
    await writeFile(plainFile(), "torn");
    assertEquals((await caught(async () => await (await open()).get("tokens"))).code, "storage");
    keyring.failure = undefined;
    assertEquals(await (await open()).get("tokens"), null);
    await (await open()).saveLogin("tokens", "newest");
    assertEquals(await (await open()).get("tokens"), "newest");
  });

  it("does not come back when the program has kept its credentials in a file meanwhile", async () => {
    const runtime = await createFakeRuntime({ parts: { keyring } });
    const scope = { application: "client", environment: "default" };
    const file = await openBuiltInStore("file", { runtime, scope, filePath: plainFile() });
    await file.set("tokens", "new");
    await file.delete("tokens");
    keyring.failure = undefined;
    assertEquals(await (await open()).get("tokens"), null);
  });
});
