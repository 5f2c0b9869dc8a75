import { createEmulator, type Emulator } from "@clerk/cli-auth/testing";
import { assert, assertEquals, assertFalse } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type ClientContext,
  isPending,
  keepForRevocation,
  logout,
  replaceSession,
  retryRevocations,
  retryRevocationsUnderLock,
} from "../doors/client.ts";
import { ClerkCliAuthError, type ClerkCliAuthErrorOptions, type ErrorCode } from "../doors/core.ts";
import type { ClientStore } from "../doors/storage.ts";
import { createFakeKeyring, type FakeKeyring } from "../harness/fake_keyring.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";
import { createLocalContext } from "./support/local_context.ts";

const REFRESH_TOKEN = "refresh-token-of-the-session";
const KEY = "pending_revocation";
const { signal } = new AbortController();

let folder: TemporaryFolder;
let keyring: FakeKeyring;
let emulator: Emulator;
beforeEach(async () => {
  folder = await makeTemporaryFolder();
  keyring = createFakeKeyring();
  emulator = createEmulator();
});
afterEach(() => folder.remove());

/** What another process would work on. */
function open(storage: "keychain" | "file" | "memory" = "keychain"): Promise<ClientContext> {
  return createLocalContext({ emulator, folder: folder.path, storage, keyring });
}

/** The tokens that the issuer was asked to revoke, and how it answered. */
function asked(): [token: string, status: number][] {
  return emulator.requests.filter(({ endpoint }) => endpoint === "revoke")
    .map(({ form, status }) => [form.token!, status!]);
}

async function kept(): Promise<string[]> {
  return JSON.parse(await (await open()).store.get(KEY) ?? "[]");
}

/** Signs in by tokens that the issuer does not know, and keeps what is named for revocation. */
async function signInKeeping(...refreshTokens: string[]): Promise<ClientContext> {
  const context = await open();
  await replaceSession(context, { accessToken: "access", refreshToken: REFRESH_TOKEN });
  for (const refreshToken of refreshTokens) assert(await keepForRevocation(context, refreshToken));
  return context;
}

describe("a logout that cannot revoke the refresh token for now", () => {
  it("keeps it sealed, and the next one revokes it, once", async () => {
    await signInKeeping();
    emulator.faults.add({ endpoint: "revoke", status: 503 });
    const { revocations: [grant] } = await logout(await open());
    assertEquals([grant?.revoked, grant?.kept], [false, true]);
    assertEquals(await kept(), [REFRESH_TOKEN]);
    const names = await readdir(folder.path, { recursive: true, withFileTypes: true });
    for (const file of names.filter((name) => name.isFile())) {
      assertFalse((await readFile(join(file.parentPath, file.name), "utf8")).includes(REFRESH_TOKEN));
    }
    await logout(await open());
    await logout(await open());
    assertEquals(asked(), [[REFRESH_TOKEN, 503], [REFRESH_TOKEN, 200]]);
    assertEquals(await (await open()).store.get(KEY), null);
  });

  it("does not say that it keeps what it revokes", async () => {
    const { revocations: [grant] } = await logout(await signInKeeping());
    assertEquals([grant?.revoked, grant?.kept], [true, undefined]);
  });

  it("keeps nothing that is refused for good", async () => {
    await signInKeeping();
    emulator.faults.add({ endpoint: "revoke", status: 400, body: { error: "invalid_request" } });
    const { revocations: [grant] } = await logout(await open());
    assertEquals([grant?.revoked, grant?.kept, await kept()], [false, undefined, []]);
  });

  it("keeps nothing where the issuer is not asked", async () => {
    await signInKeeping("earlier");
    await logout(await open(), { revoke: false });
    assertEquals([asked(), await kept()], [[], ["earlier"]]);
  });

  it("leaves those kept earlier alone, as the issuer does not answer", async () => {
    await signInKeeping("earlier");
    emulator.faults.add({ endpoint: "revoke", status: 503, times: 5 });
    await logout(await open());
    assertEquals([asked(), await kept()], [[[REFRESH_TOKEN, 503]], ["earlier", REFRESH_TOKEN]]);
  });
});

describe("keepForRevocation()", () => {
  it("keeps the latest eight", async () => {
    const tokens = Array.from({ length: 10 }, (_, index) => `token ${index}`);
    await signInKeeping(...tokens);
    assertEquals(await kept(), tokens.slice(2));
  });

  for (const storage of ["file", "memory"] as const) {
    it(`keeps nothing in the clear (${storage})`, async () => {
      const context = await open(storage);
      assertEquals(await keepForRevocation(context, "token"), false);
      assertEquals(await context.store.get(KEY), null);
    });
  }

  it("keeps nothing where a login has stored in the clear", async () => {
    keyring.failure = new Error("no result found");
    const context = await open();
    await replaceSession(context, { accessToken: "access" });
    assertEquals(await keepForRevocation(context, "token"), false);
    assertEquals(await context.store.get(KEY), null);
  });

  it("fails nobody where the keychain is out of reach", async () => {
    await signInKeeping();
    keyring.failure = new Error("locked: object locked");
    assertEquals(await keepForRevocation(await open(), "token"), false);
  });
});

describe("retryRevocations()", () => {
  it("forgets what is revoked, or refused for good, and keeps the rest", async () => {
    const context = await signInKeeping("revoked", "unreachable", "refused");
    emulator.faults.add({ endpoint: "revoke", skip: 1, status: 503 });
    emulator.faults.add({ endpoint: "revoke", status: 400, body: { error: "invalid_request" } });
    await retryRevocations(context);
    assertEquals(asked(), [["revoked", 200], ["unreachable", 503], ["refused", 400]]);
    assertEquals(await kept(), ["unreachable"]);
    assertEquals(await context.store.get("tokens") === null, false);
  });

  it("keeps what a caller has no time to revoke", async () => {
    const context = await signInKeeping("token");
    await retryRevocations(context, AbortSignal.abort());
    assertEquals(await kept(), ["token"]);
  });

  it("writes nothing where nothing has changed", async () => {
    const context = await signInKeeping("token");
    emulator.faults.add({ endpoint: "revoke", status: 503 });
    let written = 0;
    const store = { ...context.store, set: () => Promise.resolve(void written++) };
    await retryRevocations({ ...context, store });
    assertEquals(written, 0);
  });

  it("fails nobody whatever is stored", async () => {
    const context = await signInKeeping();
    for (const text of ["not JSON", "7", "null", "", '["a",7]']) {
      await context.store.set(KEY, text);
      await retryRevocations(context);
    }
    assertEquals(asked(), [["a", 200]]);
    keyring.failure = new Error("object locked");
    await retryRevocations(await open());
  });
});

describe("retryRevocationsUnderLock()", () => {
  it("revokes what was kept, and takes no lock where nothing was", async () => {
    const context = await signInKeeping("token");
    let locked = 0;
    const { withLock } = context.store;
    const counting: ClientStore["withLock"] = (task, options) => {
      locked++;
      return withLock(task, options);
    };
    Object.assign(context.store, { withLock: counting });
    await retryRevocationsUnderLock(context, signal);
    await retryRevocationsUnderLock(context, signal);
    assertEquals([asked(), locked, await kept()], [[["token", 200]], 1, []]);
  });

  it("leaves it to the next one where another process holds the lock", async () => {
    const context = await signInKeeping("token");
    Object.assign(context.store, { withLock: () => Promise.reject(new Error("held")) });
    await retryRevocationsUnderLock(context, signal);
    assertEquals([asked(), await kept()], [[], ["token"]]);
  });
});

describe("isPending()", () => {
  const failed = (code: ErrorCode, options?: ClerkCliAuthErrorOptions) => ({
    token: "refresh_token" as const,
    revoked: false,
    error: new ClerkCliAuthError(code, "", options),
  });

  it("is what a later try may change", () => {
    assertEquals(isPending(failed("revoke", { retryable: true })), true);
    assertEquals(isPending(failed("cancelled")), true);
    assertEquals(isPending(failed("revoke")), false);
    assertEquals(isPending({ token: "refresh_token", revoked: false }), false);
    assertEquals(isPending({ ...failed("cancelled"), revoked: true }), false);
  });
});
