import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { type ClientStore, openBuiltInStore } from "../doors/storage.ts";
import { caught, everythingSaidBy } from "../harness/caught.ts";
import { onCorruptFile } from "../harness/fake_clock.ts";
import { createFakeRuntime, systemError } from "../harness/fake_runtime.ts";
import { alter, createKeychainWorld, type KeychainWorld } from "./support/keychain_world.ts";

const ITEM = "clerk-cli-auth/client@default";

let world: KeychainWorld;
beforeEach(async () => {
  world = await createKeychainWorld();
});
afterEach(() => world.remove());

describe("the key", () => {
  it("is created by a login, and by nothing else", async () => {
    const error = await caught(async () => await (await world.open()).set("tokens", "refreshed"));
    assertEquals([error.code, error.action], ["storage", "Sign in"]);
    await (await world.open()).delete("tokens");
    assertEquals(world.keyring.secrets.size, 0);
    await (await world.open()).saveLogin("tokens", "value");
    assertMatch(world.keyring.secrets.get(ITEM) ?? "", /^v1\./);
  });

  it("is read once per process", async () => {
    const store = await world.open();
    await store.saveLogin("tokens", "value");
    world.keyring.reads = 0;
    const other = await world.open();
    for (let turn = 0; turn < 3; turn++) assertEquals(await other.get("tokens"), "value");
    await other.set("tokens", "refreshed");
    assertEquals(world.keyring.reads, 1);
  });

  it("makes a sealed record a storage error, not a sign-out, if it is missing", async () => {
    await (await world.open()).saveLogin("tokens", "value");
    world.keyring.secrets.clear();
    for (
      const use of [
        (store: ClientStore) => store.get("tokens"),
        (store: ClientStore) => store.set("a", "b"),
      ]
    ) {
      const error = await caught(async () => await use(await world.open()));
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
      await (await world.open()).saveLogin("tokens", "value");
      const sealed = await world.sealedFile();
      world.keyring.secrets.set(ITEM, item);
      await copyFile(sealed, sealed.replace(/[0-9a-f]{16}(?=\.sealed$)/, "0123456789abcdef"));
      const error = await caught(async () => await (await world.open()).get("tokens"));
      assertEquals(error.code, "keychain");
      assertStringIncludes(error.message, "is not the key of the stored credentials");
      assert(!everythingSaidBy(error).includes(item));
      assertEquals(world.events, []);
    });
  }

  it("is rejected, and not replaced, if a newer version made it", async () => {
    const item = `v2.0123456789abcdef.${"A".repeat(43)}`;
    world.keyring.secrets.set(ITEM, item);
    const error = await caught(async () => await (await world.open()).saveLogin("tokens", "value"));
    assertEquals([error.code, error.message], [
      "storage",
      "A newer version of this tool wrote the key in the keychain",
    ]);
    assertEquals(world.keyring.secrets.get(ITEM), item);
  });

  it("replaces something else at the next login", async () => {
    world.keyring.secrets.set(ITEM, "something else");
    await (await world.open()).saveLogin("tokens", "value");
    assertEquals(await (await world.open()).get("tokens"), "value");
  });
});

describe("a sealed record", () => {
  it("is sealed again, with another nonce, by each write", async () => {
    const store = await world.open();
    const texts = new Set<string>();
    for (let turn = 0; turn < 3; turn++) {
      await store.saveLogin("tokens", "value");
      texts.add(await readFile(await world.sealedFile(), "utf8"));
    }
    assertEquals(texts.size, 3);
  });

  it("is written over if it must not be lost and no file can replace it", async () => {
    await (await world.open()).saveLogin("tokens", "value");
    const store = await world.open({
      files: { createExclusive: () => Promise.reject(systemError("ENOSPC")) },
    });
    assertEquals((await caught(async () => await store.set("tokens", "refreshed"))).code, "storage");
    await store.set("tokens", "refreshed", { mayOverwrite: true });
    assertEquals(await (await world.open()).get("tokens"), "refreshed");
  });

  it("is an error until the next login if it was altered", async () => {
    await (await world.open()).saveLogin("tokens", "value");
    const path = await world.sealedFile();
    await alter(path, (file) => file.entries = { tokens: "AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAA" });
    for (let turn = 0; turn < 2; turn++) {
      const error = await caught(async () => await (await world.open()).get("tokens"));
      assertEquals([error.code, error.action], ["storage", "Sign in again"]);
    }
    await (await world.open()).saveLogin("tokens", "new");
    assertEquals(await (await world.open()).get("tokens"), "new");
    assertEquals((await world.fileNames()).length, 1);
  });

  it("is rejected, and neither replaced nor removed, if a newer version wrote it", async () => {
    await (await world.open()).saveLogin("tokens", "value");
    const path = await world.sealedFile();
    await alter(path, (file) => file.version = 2);
    const text = await readFile(path, "utf8");
    const uses = [
      (store: ClientStore) => store.get("tokens"),
      (store: ClientStore) => store.set("tokens", "new"),
      (store: ClientStore) => store.saveLogin("tokens", "new"),
      (store: ClientStore) => store.delete("tokens"),
      (store: ClientStore) => store.retired!.retire("tokens"),
    ];
    for (const use of uses) {
      const error = await caught(async () => await use(await world.open()));
      assertEquals([error.code, error.message], ["storage", `A newer version of this tool wrote ${path}`]);
    }
    assertEquals(await readFile(path, "utf8"), text);
  });

  for (const text of ["", "{", "[]", '{"version":"2"}']) {
    it(`that reads ${JSON.stringify(text)} is an error, and stays where it is`, async () => {
      await (await world.open()).saveLogin("tokens", "value");
      const path = await world.sealedFile();
      await writeFile(path, text);
      const error = await caught(() => onCorruptFile(async () => await (await world.open()).get("tokens")));
      assertEquals([error.code, await readFile(path, "utf8")], ["storage", text]);
    });
  }

  it("belongs to its issuer", async () => {
    await (await world.open()).saveLogin("tokens", "value");
    assertEquals(await (await world.open({ issuer: "https://other.example" })).get("tokens"), null);
    assertEquals(await (await world.open({ issuer: undefined })).get("tokens"), "value");
  });

  it("is not opened for another issuer, profile or key, whatever the file says", async () => {
    await (await world.open()).saveLogin("tokens", "value");
    const path = await world.sealedFile();
    const moved = path.replace("default.", "work.");
    await copyFile(path, moved);
    assertEquals(await (await world.open({ profile: "work" })).get("tokens"), null);
    await alter(moved, (file) => file.profile = "work");
    assertEquals(
      (await caught(async () => await (await world.open({ profile: "work" })).get("tokens"))).code,
      "storage",
    );

    await alter(path, (file) => file.entries = { other: (file.entries as { tokens: string }).tokens });
    assertEquals((await caught(async () => await (await world.open()).get("other"))).code, "storage");
  });

  it("shares one key with all profiles, but has its own file", async () => {
    await (await world.open()).saveLogin("tokens", "a");
    await (await world.open({ profile: "work" })).saveLogin("tokens", "b");
    assertEquals(await (await world.open()).get("tokens"), "a");
    assertEquals(await (await world.open({ profile: "work" })).get("tokens"), "b");
    assertEquals([...world.keyring.secrets.keys()], [ITEM]);
  });
});

describe("a login without a keychain", () => {
  beforeEach(() => {
    world.keyring.failure = new Error("org.freedesktop.secrets was not provided by any .service files");
  });

  it("stores in the clear and reports it, with the reason", async () => {
    const store = await world.open();
    await store.saveLogin("tokens", "value");
    assertEquals(world.events, ["downgraded: missing: There is no keychain here"]);
    assertEquals(await store.describe(), { location: world.plainFile(), protection: "none" });
    assertEquals(await (await world.open()).get("tokens"), "value");
  });

  it("stores nothing if that is forbidden", async () => {
    const error = await caught(async () =>
      await (await world.open({ keychainFallback: "error" })).saveLogin("tokens", "value")
    );
    assertEquals([error.code, error.retryable], ["keychain", false]);
    assertEquals(await world.fileNames(), []);
  });

  it("is not undone by a refresh that finds one", async () => {
    await (await world.open()).saveLogin("tokens", "value");
    world.keyring.failure = undefined;
    await (await world.open()).set("tokens", "refreshed");
    assertEquals(await world.fileNames(), ["default.json"]);
    assertEquals(world.keyring.secrets.size, 0);
  });

  it("is undone by the next login that finds one, which takes over the other entries", async () => {
    const store = await world.open();
    await store.saveLogin("tokens", "value");
    await store.set("other", "kept");
    world.keyring.failure = undefined;
    const later = await world.open();
    await later.saveLogin("tokens", "new");
    assertEquals([await later.get("tokens"), await later.get("other")], ["new", "kept"]);
    assertEquals((await world.fileNames()).includes("default.json"), false);
    assertEquals((await later.describe())?.protection, "keychain");
  });
});

describe("a sealed record whose keychain is unavailable", () => {
  beforeEach(async () => {
    await (await world.open()).saveLogin("tokens", "old");
    world.keyring.failure = new Error("DBus error: no DBUS_SESSION_BUS_ADDRESS");
  });

  it("is left alone by a refresh, which fails", async () => {
    const before = await readFile(await world.sealedFile(), "utf8");
    assertEquals(
      (await caught(async () => await (await world.open()).set("tokens", "new"))).code,
      "keychain",
    );
    assertEquals(await readFile(await world.sealedFile(), "utf8"), before);
    assertEquals((await world.fileNames()).length, 1);
  });

  it("does not come back if the plain file that replaced it is corrupt", async () => {
    await (await world.open()).saveLogin("tokens", "new");
    await writeFile(world.plainFile(), "[]");
    world.keyring.failure = undefined;
    const reading = () => caught(async () => await (await world.open()).get("tokens"));
    assertEquals((await onCorruptFile(reading)).code, "storage");
    await onCorruptFile(async () => await (await world.open()).saveLogin("tokens", "newest"));
    assertEquals(await (await world.open()).get("tokens"), "newest");
  });

  it("does not come back if the program kept its credentials in a file meanwhile", async () => {
    const runtime = await createFakeRuntime({ parts: { keyring: world.keyring } });
    const scope = { application: "client", environment: "default" };
    const file = await openBuiltInStore("file", { runtime, scope, filePath: world.plainFile() });
    await file.set("tokens", "new");
    await file.delete("tokens");
    world.keyring.failure = undefined;
    assertEquals(await (await world.open()).get("tokens"), null);
  });
});
