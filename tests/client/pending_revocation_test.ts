import { createEmulator, type Emulator } from "@clerk/cli-auth/testing";
import { assertEquals, assertFalse } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type ClientContext,
  isPending,
  type LiveSession,
  logout,
  readRetired,
  replaceSession,
  retryRevocations,
  revokePrevious,
  settleRevocations,
} from "../doors/client.ts";
import { ClerkCliAuthError, type ClerkCliAuthErrorOptions, type ErrorCode } from "../doors/core.ts";
import type { ClientStore } from "../doors/storage.ts";
import { createFakeKeyring, type FakeKeyring } from "../harness/fake_keyring.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";
import { createLocalContext } from "./support/local_context.ts";

const REFRESH_TOKEN = "refresh-token-of-the-session";
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

/** Opens the context of another process. */
function open(storage: "keychain" | "file" | "memory" = "keychain"): Promise<ClientContext> {
  return createLocalContext({ emulator, folder: folder.path, storage, keyring });
}

/** The tokens that the issuer was asked to revoke, and the status of its responses. */
function asked(): [token: string, status: number][] {
  return emulator.requests.filter(({ endpoint }) => endpoint === "revoke")
    .map(({ form, status }) => [form.token!, status!]);
}

async function kept(): Promise<(string | undefined)[]> {
  return (await readRetired(await open())).map(({ tokens }) => tokens.refreshToken);
}

function session(refreshToken: string): LiveSession {
  return { kind: "live", tokens: { accessToken: `access of ${refreshToken}`, refreshToken } };
}

/** Signs in with tokens that the issuer does not know, and keeps some for revocation. */
async function signInKeeping(...refreshTokens: string[]): Promise<ClientContext> {
  const context = await open();
  await replaceSession(context, { accessToken: "access", refreshToken: REFRESH_TOKEN });
  for (const refreshToken of refreshTokens) {
    assertEquals(await settleRevocations(context, session(refreshToken), signal), false);
  }
  return context;
}

/** Runs a task while the keychain fails. */
async function whileFailing<T>(message: string, task: () => Promise<T>): Promise<T> {
  keyring.failure = new Error(message);
  try {
    return await task();
  } finally {
    keyring.failure = undefined;
  }
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
    assertEquals((await logout(await open())).wasSignedIn, false);
    await logout(await open());
    assertEquals(asked(), [[REFRESH_TOKEN, 503], [REFRESH_TOKEN, 200]]);
    assertEquals(await kept(), []);
  });

  it("does not claim to keep what it revokes", async () => {
    const { revocations: [grant] } = await logout(await signInKeeping());
    assertEquals([grant?.revoked, grant?.kept], [true, undefined]);
  });

  it("keeps nothing that is rejected for good", async () => {
    await signInKeeping();
    emulator.faults.add({ endpoint: "revoke", status: 400, body: { error: "invalid_request" } });
    const { revocations: [grant] } = await logout(await open());
    assertEquals([grant?.revoked, grant?.kept, await kept()], [false, undefined, []]);
  });

  it("keeps nothing if the issuer is not asked", async () => {
    await signInKeeping("earlier");
    await logout(await open(), { revoke: false });
    assertEquals([asked(), await kept()], [[], ["earlier"]]);
  });

  it("leaves those kept earlier alone if the issuer does not respond", async () => {
    await signInKeeping("earlier");
    emulator.faults.add({ endpoint: "revoke", status: 503, times: 5 });
    await logout(await open());
    assertEquals([asked(), await kept()], [[[REFRESH_TOKEN, 503]], ["earlier", REFRESH_TOKEN]]);
  });

  for (const storage of ["file", "memory"] as const) {
    it(`keeps nothing in the clear (${storage})`, async () => {
      const context = await open(storage);
      await replaceSession(context, session("token").tokens);
      emulator.faults.add({ endpoint: "revoke", status: 503 });
      const { revocations: [grant] } = await logout(context);
      assertEquals([grant?.revoked, grant?.kept], [false, undefined]);
      assertEquals(await context.store.get("tokens") ?? null, null);
    });
  }

  it("keeps nothing if a login stored in the clear", async () => {
    await whileFailing("no result found", async () => {
      const context = await open();
      await replaceSession(context, session("token").tokens);
      emulator.faults.add({ endpoint: "revoke", status: 503 });
      assertEquals((await logout(context)).revocations[0]?.kept, undefined);
    });
    assertEquals(await kept(), []);
  });
});

describe("a logout that cannot read the credentials", () => {
  for (const message of ["object locked", "no result found", "timed out", "broken"]) {
    it(`says so, keeps them sealed, and the next one revokes them (${message})`, async () => {
      await signInKeeping("earlier");
      const report = await whileFailing(message, async () => await logout(await open()));
      const [grant] = report.revocations;
      assertEquals([report.wasSignedIn, report.cleared], [true, true]);
      assertEquals([grant?.revoked, grant?.kept, grant?.error?.code], [false, true, "keychain"]);
      assertEquals(asked(), []);
      assertEquals(await (await open()).store.get("tokens"), null);
      assertEquals(await kept(), ["earlier", REFRESH_TOKEN]);
      assertEquals((await logout(await open())).wasSignedIn, false);
      assertEquals([asked(), await kept()], [[["earlier", 200], [REFRESH_TOKEN, 200]], []]);
    });
  }

  it("is followed by one that says so again, as long as they cannot be read", async () => {
    await signInKeeping();
    await whileFailing("broken", async () => {
      await logout(await open());
      const { wasSignedIn, revocations } = await logout(await open());
      assertEquals([wasSignedIn, revocations.map(({ kept, error }) => [kept, error?.code])], [
        false,
        [[true, "keychain"]],
      ]);
    });
  });

  it("keeps nothing if the issuer is not to be asked", async () => {
    await signInKeeping();
    await whileFailing("broken", async () => await logout(await open(), { revoke: false }));
    assertEquals([await (await open()).store.get("tokens"), await kept()], [null, []]);
  });

  it("says the same if nothing can be kept", async () => {
    const context = await open("file");
    await replaceSession(context, session("token").tokens);
    const get = () => Promise.reject(new Error("broken"));
    const { revocations: [grant] } = await logout({ ...context, store: { ...context.store, get } });
    assertEquals([grant?.error?.code, grant?.kept], ["storage", undefined]);
    assertEquals(await context.store.get("tokens") ?? null, null);
  });
});

describe("a login that cannot read what it replaces", () => {
  it("still revokes it, with the key that seals the new one", async () => {
    await signInKeeping();
    const context = await open();
    const get = () => Promise.reject(new Error("broken"));
    const { tokens } = session("new");
    const real = context.store.get;
    context.store.get = get;
    const previous = await replaceSession(context, tokens);
    context.store.get = real;
    assertEquals(previous.unreadable?.code, "storage");
    assertEquals(await revokePrevious(context, { tokens, previous, signal }), true);
    assertEquals([asked(), await kept()], [[[REFRESH_TOKEN, 200]], []]);
  });

  it("fails if the keychain is locked, and leaves it as it is", async () => {
    await signInKeeping();
    const code = await whileFailing("object locked", async () => {
      const context = await open();
      return await replaceSession(context, session("new").tokens).then(() => "", (error) => error.code);
    });
    assertEquals([code, await kept(), asked()], ["keychain", [], []]);
    assertFalse(await (await open()).store.get("tokens") === null);
  });

  it("keeps it if it stores in the clear, and the next logout with a keychain revokes it", async () => {
    await signInKeeping();
    await whileFailing("no result found", async () => {
      const context = await open();
      const { tokens } = session("plain");
      const previous = await replaceSession(context, tokens);
      assertEquals(await revokePrevious(context, { tokens, previous, signal }), false);
    });
    assertEquals(await kept(), [REFRESH_TOKEN]);
    await logout(await open());
    assertEquals([asked(), await kept()], [[["plain", 200], [REFRESH_TOKEN, 200]], []]);
  });
});

describe("a login that cannot revoke what it replaces for now", () => {
  it("keeps it, and the next login revokes it", async () => {
    await signInKeeping();
    emulator.faults.add({ endpoint: "revoke", status: 503 });
    for (const [name, isRevoked] of [["second", false], ["third", true]] as const) {
      const context = await open();
      const { tokens } = session(name);
      const previous = await replaceSession(context, tokens);
      assertEquals(await revokePrevious(context, { tokens, previous, signal }), isRevoked);
    }
    assertEquals([asked(), await kept()], [
      [[REFRESH_TOKEN, 503], ["second", 200], [REFRESH_TOKEN, 200]],
      [],
    ]);
  });
});

describe("settleRevocations()", () => {
  it("keeps the latest eight", async () => {
    const tokens = Array.from({ length: 10 }, (_, index) => `token ${index}`);
    await signInKeeping(...tokens);
    assertEquals(await kept(), tokens.slice(2));
  });

  it("revokes what was kept, and takes no lock if nothing was", async () => {
    const context = await signInKeeping("token");
    let locked = 0;
    const { withLock } = context.store;
    const counting: ClientStore["withLock"] = (task, options) => {
      locked++;
      return withLock(task, options);
    };
    Object.assign(context.store, { withLock: counting });
    assertEquals(await settleRevocations(context, undefined, signal), true);
    assertEquals(await settleRevocations(context, undefined, signal), true);
    assertEquals([asked(), locked, await kept()], [[["token", 200]], 1, []]);
  });

  it("leaves it to the next one if another process holds the lock", async () => {
    const context = await signInKeeping("token");
    Object.assign(context.store, { withLock: () => Promise.reject(new Error("held")) });
    assertEquals(await settleRevocations(context, undefined, signal), false);
    assertEquals([asked(), await kept()], [[], ["token"]]);
  });

  it("never fails if the keychain is unavailable", async () => {
    await signInKeeping();
    await whileFailing("object locked", async () => {
      assertEquals(await settleRevocations(await open(), session("token"), signal), false);
    });
  });
});

describe("retryRevocations()", () => {
  it("forgets what is revoked, or rejected for good, and keeps the rest", async () => {
    const context = await signInKeeping("revoked", "unreachable", "refused");
    emulator.faults.add({ endpoint: "revoke", skip: 1, status: 503 });
    emulator.faults.add({ endpoint: "revoke", status: 400, body: { error: "invalid_request" } });
    assertEquals((await retryRevocations(context))?.status, 503);
    assertEquals(asked(), [["revoked", 200], ["unreachable", 503], ["refused", 400]]);
    assertEquals(await kept(), ["unreachable"]);
    assertEquals(await context.store.get("tokens") === null, false);
  });

  it("keeps what a caller has no time to revoke", async () => {
    const context = await signInKeeping("token");
    await retryRevocations(context, AbortSignal.abort());
    assertEquals(await kept(), ["token"]);
  });

  it("never fails", async () => {
    await signInKeeping("token");
    await whileFailing("object locked", async () => {
      assertEquals((await retryRevocations(await open()))?.code, "keychain");
    });
  });
});

describe("isPending()", () => {
  const failed = (code: ErrorCode, options?: ClerkCliAuthErrorOptions) => ({
    token: "refresh_token" as const,
    revoked: false,
    error: new ClerkCliAuthError(code, "", options),
  });

  it("is true for what a later attempt may change", () => {
    assertEquals(isPending(failed("revoke", { retryable: true })), true);
    assertEquals(isPending(failed("cancelled")), true);
    assertEquals(isPending(failed("revoke")), false);
    assertEquals(isPending({ token: "refresh_token", revoked: false }), false);
    assertEquals(isPending({ ...failed("cancelled"), revoked: true }), false);
  });
});
