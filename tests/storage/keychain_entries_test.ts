import { assertEquals } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { readFile, writeFile } from "node:fs/promises";
import { caught } from "../harness/caught.ts";
import { itWith, unlessWindows } from "../harness/requirement.ts";
import { alter, createKeychainWorld, type KeychainWorld } from "./support/keychain_world.ts";

const OUT_OF_REACH = new Error("DBus error: no DBUS_SESSION_BUS_ADDRESS");

let world: KeychainWorld;
beforeEach(async () => {
  world = await createKeychainWorld();
});
afterEach(() => world.remove());

async function login(key: string, value: string): Promise<void> {
  await (await world.open()).saveLogin(key, value);
}

async function set(key: string, value: string): Promise<void> {
  await (await world.open()).set(key, value);
}

async function get(...keys: string[]): Promise<(string | null | undefined)[]> {
  const store = await world.open();
  return await Promise.all(keys.map((key) => store.get(key)));
}

async function remove(key: string): Promise<void> {
  await (await world.open()).delete(key);
}

/** Runs a task while the keychain is unavailable. */
async function withoutKeychain(task: () => Promise<void>): Promise<void> {
  world.keyring.failure = OUT_OF_REACH;
  await task();
  world.keyring.failure = undefined;
}

describe("the entries of a keychain store", () => {
  it("coexist, and a refresh or another login leaves the others alone", async () => {
    await login("tokens", "first");
    await set("other", "kept");
    await set("tokens", "second");
    assertEquals(await get("tokens", "other", "none"), ["second", "kept", null]);
    await login("tokens", "third");
    assertEquals(await get("tokens", "other"), ["third", "kept"]);
  });

  it("are removed one by one, and the file with the last", async () => {
    await login("tokens", "value");
    await set("other", "kept");
    await remove("tokens");
    assertEquals(await get("tokens", "other"), [null, "kept"]);
    await remove("none");
    assertEquals(await get("other"), ["kept"]);
    await remove("other");
    assertEquals(await world.fileNames(), []);
  });

  it("that do not exist are null, even if the keychain is unavailable", async () => {
    await withoutKeychain(async () => {
      assertEquals(await get("tokens"), [null]);
      const error = await caught(() => set("tokens", "value"));
      assertEquals([error.code, error.message], [
        "storage",
        "Cannot store credentials: nobody has signed in here",
      ]);
    });
  });

  it("of a plain file without sealed ones next to it replace them at the next login", async () => {
    await login("tokens", "sealed");
    await set("other", "stale");
    await writeFile(world.plainFile(), '{"version":1,"entries":{"tokens":"plain"}}');
    await login("tokens", "new");
    assertEquals(await get("tokens", "other"), ["new", null]);
  });

  it("are not read in another scope, whatever key they are sealed with", async () => {
    await login("tokens", "value");
    const [item] = [...world.keyring.secrets.values()];
    for (const scope of [{ application: "other" }, { environment: "staging" }]) {
      const other = { application: "client", environment: "default", ...scope };
      world.keyring.secrets.set(`clerk-cli-auth/${other.application}@${other.environment}`, item!);
      assertEquals(await (await world.open({ scope: other })).get("tokens"), null);
    }
    assertEquals(world.events, []);
  });

  it("keep their issuer when a program that names none writes next to them", async () => {
    await login("tokens", "value");
    await (await world.open({ issuer: undefined })).set("other", "kept");
    assertEquals(await get("tokens", "other"), ["value", "kept"]);
    assertEquals(
      JSON.parse(await readFile(await world.sealedFile(), "utf8")).issuer,
      "https://issuer.example",
    );
  });

  it("need no issuer", async () => {
    await (await world.open({ issuer: undefined })).saveLogin("tokens", "value");
    assertEquals(await (await world.open({ issuer: undefined })).get("tokens"), "value");
    assertEquals(JSON.parse(await readFile(await world.sealedFile(), "utf8")).issuer, "");
  });

  it("that are not sealed text are an error", async () => {
    await login("tokens", "value");
    await alter(await world.sealedFile(), (file) => file.entries = { tokens: "AAAA" });
    const { code, message } = await caught(() => get("tokens"));
    assertEquals([code, message], [
      "storage",
      `The credential file ${await world.sealedFile()} is corrupt`,
    ]);
  });
});

describe("a keychain store, while the keychain is unavailable,", () => {
  it("deletes what it cannot read, for good", async () => {
    await login("tokens", "sealed");
    await withoutKeychain(() => remove("tokens"));
    assertEquals(await get("tokens"), [null]);
    await withoutKeychain(async () => assertEquals(await get("tokens"), [null]));
    assertEquals(await world.fileNames(), []);
  });

  it("stores in the clear what a later login takes over, and nothing from before", async () => {
    await login("tokens", "sealed");
    await set("other", "stale");
    await withoutKeychain(async () => {
      await login("tokens", "plain");
      await remove("tokens");
    });
    await login("tokens", "new");
    assertEquals(await get("tokens", "other"), ["new", null]);
  });

  itWith(unlessWindows("paths of macOS"), "prompts nobody to unlock it for a deletion", async () => {
    await login("tokens", "sealed");
    world.keyring.reads = 0;
    await (await world.open({ platform: "darwin" })).delete("tokens");
    assertEquals([world.keyring.reads, await get("tokens")], [0, [null]]);
  });

  it("does not need a listener when a login stores in the clear", async () => {
    await withoutKeychain(async () => {
      await (await world.open({ onDowngraded: undefined })).saveLogin("tokens", "value");
    });
    assertEquals(await get("tokens"), ["value"]);
  });

  it("reports that it has no key if the keychain holds another one", async () => {
    await login("tokens", "value");
    world.keyring.secrets.clear();
    assertEquals(
      (await caught(() => get("tokens"))).message,
      `The keychain here has no key for the credentials beside ${world.plainFile()}`,
    );
  });
});

describe("retired entries", () => {
  const retired = async () => await (await world.open()).retired!.read("tokens");

  it("are those retired without the keychain, once it is back", async () => {
    await login("tokens", "sealed");
    await withoutKeychain(async () => {
      assertEquals(await (await world.open()).retired!.retire("tokens"), true);
      assertEquals(await get("tokens"), [null]);
    });
    assertEquals([await get("tokens"), await retired()], [[null], ["sealed"]]);
  });

  it("survive later logins and deletions", async () => {
    await login("tokens", "first");
    await (await world.open()).retired!.retire("tokens");
    await login("tokens", "second");
    await remove("tokens");
    await login("tokens", "third");
    assertEquals([await get("tokens"), await retired()], [["third"], ["first"]]);
  });

  it("include what a login replaced without being able to read it", async () => {
    await login("tokens", "unread");
    await (await world.open()).saveLogin("tokens", "new", { retiresPrevious: true });
    assertEquals([await get("tokens"), await retired()], [["new"], ["unread"]]);
  });

  it("include what a login in the clear replaced", async () => {
    await login("tokens", "sealed");
    await withoutKeychain(() => login("tokens", "plain"));
    assertEquals([await get("tokens"), await retired()], [["plain"], ["sealed"]]);
  });

  it("can be replaced, up to eight, and the file goes with the last", async () => {
    await login("tokens", "value");
    const values = Array.from({ length: 10 }, (_, index) => `value ${index}`);
    await (await world.open()).retired!.write("tokens", values);
    assertEquals([await get("tokens"), await retired()], [["value"], values.slice(2)]);
    await remove("tokens");
    assertEquals(await retired(), values.slice(2));
    await (await world.open()).retired!.write("tokens", []);
    assertEquals(await world.fileNames(), []);
  });

  it("are empty if there was nothing to retire, or nothing sealed", async () => {
    assertEquals(await (await world.open()).retired!.retire("tokens"), false);
    await withoutKeychain(async () => {
      await login("tokens", "plain");
      assertEquals(await (await world.open()).retired!.retire("tokens"), false);
    });
    assertEquals([await get("tokens"), await retired(), await world.fileNames()], [[null], [], []]);
  });

  it("that were moved from elsewhere are not opened", async () => {
    await login("tokens", "value");
    await login("other", "of another name");
    await alter(await world.sealedFile(), (file) => {
      const { entries } = file as { entries: Record<string, string> };
      file.retired = [entries.other];
    });
    assertEquals(await retired(), []);
  });
});

describe("a login while the keychain exists but fails", () => {
  const failures = {
    "is locked": "object locked",
    "is slow": "timed out",
    "fails in a way of its own": "broken",
  };
  for (const [what, message] of Object.entries(failures)) {
    it(`stores nothing in the clear (it ${what})`, async () => {
      await login("tokens", "before");
      world.keyring.failure = new Error(message);
      assertEquals((await caught(() => login("tokens", "new"))).code, "keychain");
      world.keyring.failure = undefined;
      assertEquals([await get("tokens"), (await world.fileNames()).length], [["before"], 1]);
    });
  }
});

describe("credentials in the clear, if that is forbidden,", () => {
  it("are neither read nor written, and the error says what to do", async () => {
    await withoutKeychain(() => login("tokens", "plain"));
    const store = await world.open({ keychainFallback: "error" });
    for (const use of [() => store.get("tokens"), () => store.set("tokens", "new")]) {
      const error = await caught(use);
      assertEquals([error.code, error.message, error.action], [
        "keychain",
        "The stored credentials are not protected by the keychain",
        'Sign in again where there is a keychain, or allow keychainFallback: "file"',
      ]);
    }
    assertEquals(await get("tokens"), ["plain"]);
  });
});
