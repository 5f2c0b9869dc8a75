import { assertEquals, assertNotEquals, assertStrictEquals } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import {
  createSealingKey,
  formatItem,
  KeychainFailure,
  type KeychainFailureReason,
  SealingKeys,
} from "../doors/storage.ts";
import { caught } from "../harness/caught.ts";
import { type FakeClock, installFakeClock } from "../harness/fake_clock.ts";

const may = () => Promise.resolve(true);

let secret: string | null;
let failure: Error | undefined;
let calls: string[];
beforeEach(() => {
  secret = null;
  failure = undefined;
  calls = [];
});

/** The keys of an item in memory; `during` runs right before a key is created. */
function createKeys(during: () => void | Promise<void> = () => {}): SealingKeys {
  const call = (name: string) => {
    calls.push(name);
    return failure ? Promise.reject(failure) : Promise.resolve();
  };
  const item = {
    read: ({ mayPrompt }: { mayPrompt: () => Promise<boolean> }) =>
      call("read").then(mayPrompt).then((may) => may ? secret : null),
    write: (text: string) => call("write").then(() => void (secret = text)),
  };
  return new SealingKeys(item, async (task) => {
    await during();
    calls.push("exclusively");
    return await task();
  });
}

describe("the sealing key", () => {
  it("is read once", async () => {
    const key = await createSealingKey();
    secret = formatItem(key);
    const keys = createKeys();
    for (let turn = 0; turn < 3; turn++) assertEquals((await keys.get(may))?.id, key.id);
    assertEquals((await keys.getOrCreate()).bytes, key.bytes);
    assertEquals(calls, ["read"]);
  });

  it("is null if there is none, or the user may not be prompted, and is looked for again", async () => {
    const keys = createKeys();
    assertEquals(await keys.get(may), null);
    secret = formatItem(await createSealingKey());
    assertEquals(await keys.get(() => Promise.resolve(false)), null);
    assertNotEquals(await keys.get(may), null);
  });

  it("is not something else", async () => {
    const genuine = formatItem(await createSealingKey());
    for (
      const text of [
        "",
        "a password",
        genuine.replace("v1", "w1"),
        `${genuine}A`,
        genuine.slice(0, -1),
        genuine.replace(/\.[0-9a-f]{16}/, "$&0"),
        genuine.replace(/\.[0-9a-f]/, "."),
        genuine.replace(/[\w-]$/, "+"),
        genuine.split(".").slice(0, 2).join("."),
        "v1",
      ]
    ) {
      secret = text;
      const error = await caught(() => createKeys().get(may));
      assertEquals((error as KeychainFailure).reason, "damaged", text);
    }
  });

  it("is created while nobody else creates one, and read back", async () => {
    const keys = createKeys();
    const key = await keys.getOrCreate();
    assertEquals(calls, ["read", "exclusively", "read", "write", "read"]);
    assertEquals(secret, formatItem(key));
    assertStrictEquals(await keys.get(may), key);
  });

  it("of a faster process is used", async () => {
    const other = await createSealingKey();
    const key = await createKeys(() => void (secret = formatItem(other))).getOrCreate();
    assertEquals(key.bytes, other.bytes);
    assertEquals(calls.includes("write"), false);
  });

  it("replaces a damaged item, and nothing else that fails", async () => {
    secret = "damaged";
    assertEquals(formatItem(await createKeys().getOrCreate()), secret);
    calls = [];
    failure = new KeychainFailure("failed");
    assertStrictEquals(await caught(() => createKeys().getOrCreate()), failure);
    assertEquals(calls, ["read"]);
  });

  it("is rejected if the keychain does not keep it", async () => {
    const forgetful = new SealingKeys(
      { read: () => Promise.resolve(null), write: () => Promise.resolve() },
      (task) => task(),
    );
    const error = await caught(() => forgetful.getOrCreate());
    assertEquals(error.message, "The keychain failed: it did not keep a new key");
  });
});

describe("a keychain that the user has not unlocked", () => {
  let clock: FakeClock;
  beforeEach(() => void (clock = installFakeClock()));
  afterEach(() => clock.uninstall());

  for (const reason of ["locked", "unanswered"] as const) {
    it(`(${reason}) is asked again after ten seconds, and not before`, async () => {
      const keys = createKeys();
      failure = new KeychainFailure(reason);
      assertStrictEquals(await caught(() => keys.get(may)), failure);
      secret = formatItem(await createSealingKey());
      const known = failure;
      failure = undefined;
      clock.suspend(9_999);
      assertStrictEquals(await caught(() => keys.get(may)), known);
      assertStrictEquals(await caught(() => keys.getOrCreate()), known);
      assertEquals(calls, ["read"]);
      clock.suspend(1);
      assertNotEquals(await keys.get(may), null);
    });
  }

  for (const reason of ["missing", "damaged", "failed"] as readonly KeychainFailureReason[]) {
    it(`is distinguished from one that is ${reason}, which is asked again at once`, async () => {
      const keys = createKeys();
      failure = new KeychainFailure(reason);
      await caught(() => keys.get(may));
      failure = undefined;
      assertEquals(await keys.get(may), null);
    });
  }
});
