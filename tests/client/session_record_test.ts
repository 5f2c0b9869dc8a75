import { createEmulator, type Emulator } from "@clerk/cli-auth/testing";
import { assertEquals } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import {
  type ClientContext,
  readRecord,
  readToReplace,
  removeRecord,
  saveLogin,
  saveRecord,
  type SessionRecord,
} from "../doors/client.ts";
import { customStore } from "../doors/storage.ts";
import { caught, everythingSaidBy } from "../harness/caught.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";
import { createLocalContext, ISSUER } from "./support/local_context.ts";

const TOKENS = {
  accessToken: "access",
  refreshToken: "refresh",
  idToken: "id",
  expiresAt: 7,
  scope: "openid",
  tokenType: "Bearer",
};

let folder: TemporaryFolder;
let emulator: Emulator;
let context: ClientContext;
beforeEach(async () => {
  folder = await makeTemporaryFolder();
  emulator = createEmulator();
  context = await createLocalContext({ emulator, folder: folder.path, storage: "file" });
});
afterEach(() => folder.remove());

/** The stored record. */
async function stored(): Promise<Record<string, unknown>> {
  return JSON.parse(await context.store.get("tokens") ?? "null");
}

/** The same client with a custom store. */
function custom(text?: string, profile?: string) {
  const entries = new Map<string, string>(text === undefined ? [] : [["tokens", text]]);
  const store = {
    get: (key: string) => entries.get(key),
    set: (key: string, value: string) => void entries.set(key, value),
    delete: (key: string) => entries.delete(key),
  };
  const config = { ...context.config, storage: store, profile };
  return { entries, context: { ...context, config, store: customStore(store) } };
}

describe("a session record", () => {
  const records: Record<string, SessionRecord> = {
    "with every member": { kind: "live", tokens: TOKENS, savedAt: 5, isRefreshing: true },
    "with only an access token": { kind: "live", tokens: { accessToken: "access" } },
    "of an ended session": { kind: "ended", reason: "expired", refreshTokenHash: "hash" },
  };
  for (const [what, record] of Object.entries(records)) {
    it(`${what} is read as it was saved`, async () => {
      await saveRecord(context, record);
      assertEquals(await readRecord(context), record);
    });
  }

  it("names its issuer and client, and holds nothing unnecessary", async () => {
    const { clientId } = context.config;
    await saveLogin(context, { kind: "live", tokens: { accessToken: "access" } });
    assertEquals(await stored(), { accessToken: "access", issuer: ISSUER, clientId });
    await saveRecord(context, { kind: "live", tokens: TOKENS, savedAt: 5, isRefreshing: true });
    assertEquals(await stored(), { ...TOKENS, savedAt: 5, refreshing: true, issuer: ISSUER, clientId });
    await saveRecord(context, { kind: "ended", reason: "expired", refreshTokenHash: "hash" });
    assertEquals(await stored(), { ended: "expired", refreshTokenHash: "hash", issuer: ISSUER, clientId });
    await removeRecord(context);
    assertEquals(await readRecord(context), null);
  });

  it("returns no member of the wrong type", async () => {
    const { clientId } = context.config;
    const wrong = { refreshToken: 1, idToken: 2, expiresAt: "3", scope: 4, tokenType: 5, savedAt: "6" };
    const record = { accessToken: "access", ...wrong, refreshing: "yes", issuer: ISSUER, clientId };
    await context.store.set("tokens", JSON.stringify(record));
    assertEquals(await readRecord(context), { kind: "live", tokens: { accessToken: "access" } });
    await context.store.set("tokens", JSON.stringify({ ended: "expired", issuer: ISSUER, clientId }));
    assertEquals(await readRecord(context), { kind: "ended", reason: "expired", refreshTokenHash: "" });
  });

  it("that is bound to nobody, or only in part, is trusted only in a custom store", async () => {
    const { clientId } = context.config;
    const parts: [record: object, inCustom: boolean][] = [
      [{}, true],
      [{ issuer: ISSUER }, false],
      [{ clientId }, false],
      [{ issuer: ISSUER, clientId: "other" }, false],
      [{ issuer: "https://other.example", clientId }, false],
    ];
    for (const [part, inCustom] of parts) {
      const text = JSON.stringify({ accessToken: "access", ...part });
      await context.store.set("tokens", text);
      assertEquals(await readRecord(context), null);
      assertEquals(await readRecord(custom(text).context) !== null, inCustom);
    }
  });

  it("has a key for each profile if one store holds them all, and one key if each has a file", async () => {
    const { entries, context: work } = custom(undefined, "work");
    await saveRecord(work, { kind: "live", tokens: TOKENS });
    assertEquals([...entries.keys()], ["tokens@work"]);
    const named = { ...context, config: { ...context.config, profile: "work" } };
    await saveRecord(named, { kind: "live", tokens: TOKENS });
    assertEquals((await stored()).accessToken, "access");
  });

  it("that is unreadable is a storage error, but keeps nobody from replacing it", async () => {
    for (const text of ["not JSON", '{"accessToken":""}', '{"accessToken":7}']) {
      const { context } = custom(text);
      const error = await caught(() => readRecord(context));
      assertEquals([error.code, error.message, error.action], [
        "storage",
        "The stored credentials cannot be read",
        "Sign in again",
      ]);
      assertEquals((await readToReplace(context)).unreadable?.code, "storage");
    }
  });
});

describe("a store that fails", () => {
  const uses: [verb: string, use: (context: ClientContext) => Promise<unknown>][] = [
    ["read", readRecord],
    ["store", (context) => saveRecord(context, { kind: "live", tokens: TOKENS })],
    ["store", (context) => saveLogin(context, { kind: "live", tokens: TOKENS })],
    ["remove", removeRecord],
  ];
  for (const [verb, use] of uses) {
    it(`is a storage error that says so (${verb}) and holds no token`, async () => {
      const fail = () => Promise.reject(new Error("cannot keep access, refresh or id"));
      const { context } = custom();
      const failing = { ...context, store: customStore({ get: fail, set: fail, delete: fail }) };
      const error = await caught(() => use(failing));
      assertEquals([error.code, error.message], [
        "storage",
        `The credential store could not ${verb} the credentials`,
      ]);
      if (verb === "store") assertEquals(/access|refresh/.test(everythingSaidBy(error.cause)), false);
    });
  }

  it("during a login reveals no token either, if it throws one of our errors", async () => {
    const store = {
      ...context.store,
      saveLogin: () => Promise.reject(new Error("cannot keep access")),
    };
    const login = () => saveLogin({ ...context, store }, { kind: "live", tokens: TOKENS });
    const error = await caught(login);
    assertEquals(error.message, "The credential store could not store the credentials");
    assertEquals(everythingSaidBy(error.cause).includes("cannot keep access"), false);
  });
});
