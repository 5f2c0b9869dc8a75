import { createEmulator, type EmulatedTokens, type Emulator } from "@clerk/cli-auth/testing";
import { assertEquals, assertStrictEquals } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { type ClientContext, logout, readRecord, saveLogin } from "../doors/client.ts";
import { sha256 } from "../doors/core.ts";
import type { ClientStore, LogoutNotice } from "../doors/storage.ts";
import { createFakeKeyring } from "../harness/fake_keyring.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";
import { createLocalContext } from "./support/local_context.ts";

let folder: TemporaryFolder;
let emulator: Emulator;
let tokens: EmulatedTokens;
beforeEach(async () => {
  folder = await makeTemporaryFolder();
  emulator = createEmulator({ behavior: { accessTokenFormat: "opaque", idTokenFormat: "opaque" } });
  tokens = await emulator.issueTokens();
});
afterEach(() => folder.remove());

/** Signs in while nobody can take the lock, or with parts of the store replaced. */
async function signIn(
  storage: "file" | "keychain",
  changes: (store: ClientStore) => Partial<ClientStore> = () => ({}),
): Promise<ClientContext> {
  const { store, ...context } = await createLocalContext({
    emulator,
    folder: folder.path,
    storage,
    keyring: createFakeKeyring(),
  });
  const withLock = () => Promise.reject(new Error("The lock cannot be taken"));
  const changed = { withLock, ...changes(store) };
  await saveLogin({ store, ...context }, { kind: "live", tokens });
  return { ...context, store: Object.assign(store, changed) };
}

/** Replaces parts of the logout notice. */
function noticing({ crossProcess }: ClientStore, notice: Partial<LogoutNotice>): Partial<ClientStore> {
  const { logoutNotice, ...others } = crossProcess!;
  return { crossProcess: { ...others, logoutNotice: { ...logoutNotice, ...notice } } };
}

describe("a logout that cannot take the lock", () => {
  it("still revokes and clears, and leaves a notice that names the refresh token", async () => {
    const context = await signIn("file");
    const { wasSignedIn, cleared, revocations } = await logout(context);
    assertEquals([wasSignedIn, cleared, revocations.map(({ revoked }) => revoked)], [
      true,
      true,
      [true, true],
    ]);
    assertEquals(await readRecord(context), null);
    assertEquals(await context.store.crossProcess?.logoutNotice.read(), await sha256(tokens.refreshToken!));
  });

  it("also names the refresh token that was stored before the first was named", async () => {
    const next = { ...tokens, refreshToken: "next" };
    const named: string[] = [];
    const write = async (hash: string) => {
      if (named.push(hash) === 1) await saveLogin(context, { kind: "live", tokens: next });
    };
    const context = await signIn("file", (store) => noticing(store, { write }));
    await logout(context);
    assertEquals(named, [await sha256(tokens.refreshToken!), await sha256("next")]);
  });

  it("needs no refresh token, and nobody to be signed in", async () => {
    const context = await signIn("file");
    const { refreshToken: _, ...rest } = tokens;
    await saveLogin(context, { kind: "live", tokens: rest });
    assertEquals((await logout(context)).wasSignedIn, true);
    assertEquals((await logout(context)).wasSignedIn, false);
    assertEquals(await context.store.crossProcess?.logoutNotice.read(), null);
  });

  it("removes what can be removed if not even a notice can be written", async () => {
    const write = () => Promise.reject(new Error("The disk is full"));
    const context = await signIn("file", (store) => noticing(store, { write }));
    assertEquals((await logout(context)).cleared, true);
    assertEquals(await readRecord(context), null);
  });

  it("keeps no refresh token for later, as only the holder of the lock may", async () => {
    const context = await signIn("keychain");
    emulator.faults.add({ endpoint: "revoke", status: 503 });
    const { revocations: [grant] } = await logout(context);
    assertEquals([grant?.revoked, grant?.kept], [false, undefined]);
    assertEquals(await context.store.get("pending_revocation"), null);
  });

  it("is not one that fails under the lock: that one leaves no notice", async () => {
    const failure = new Error("cannot delete");
    const context = await signIn("file", ({ withLock }) => ({
      withLock,
      delete: () => Promise.reject(failure),
    }));
    const error = await logout(context).catch((error) => error);
    assertStrictEquals(error.code, "storage");
    assertEquals(await context.store.crossProcess?.logoutNotice.read(), null);
  });

  it("can be aborted, and then leaves what is stored", async () => {
    const context = await signIn("file");
    const error = await logout(context, { signal: AbortSignal.abort() }).catch((error) => error);
    assertEquals([error.code, (await readRecord(context))?.kind], ["cancelled", "live"]);
    assertEquals(await context.store.crossProcess?.logoutNotice.read(), null);
  });
});
