import type { AuthEvent } from "@clerk/cli-auth";
import { createEmulator, type EmulatedTokens, type Emulator } from "@clerk/cli-auth/testing";
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import {
  type ClientContext,
  getAccessToken,
  type LiveSession,
  readRecord,
  type RefreshableSession,
  removeRecord,
  saveRecord,
  useRefreshToken,
} from "../doors/client.ts";
import { sha256 } from "../doors/core.ts";
import type { ClientStore } from "../doors/storage.ts";
import { caught } from "../harness/caught.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";
import { createLocalContext } from "./support/local_context.ts";

let folder: TemporaryFolder;
let emulator: Emulator;
let tokens: EmulatedTokens;
let events: AuthEvent[];
let context: ClientContext;
beforeEach(async () => {
  folder = await makeTemporaryFolder();
  emulator = createEmulator({ behavior: { accessTokenFormat: "opaque", idTokenFormat: "opaque" } });
  tokens = await emulator.issueTokens({ lifetimeSeconds: 0 });
  events = [];
  context = await createLocalContext({ emulator, folder: folder.path, storage: "file", events });
  await saveRecord(context, { kind: "live", tokens });
  events.length = 0;
});
afterEach(() => folder.remove());

async function session(): Promise<RefreshableSession> {
  const record = await readRecord(context);
  assert(record?.kind === "live" && record.tokens.refreshToken !== undefined);
  return record as RefreshableSession;
}

/** Whether the record says that a refresh is under way. */
async function isMarked(): Promise<boolean> {
  return (await readRecord(context) as LiveSession).isRefreshing === true;
}

/** Runs something after the refresh token reached the issuer and before the response. */
function whileAsked(happens: () => Promise<unknown>): ClientContext {
  const { transport } = context;
  return {
    ...context,
    transport: async (...request: Parameters<typeof transport>) => {
      if (emulator.requests.length === 0) await happens();
      return await transport(...request);
    },
  };
}

function endpoints(): (string | undefined)[] {
  return emulator.requests.map(({ endpoint }) => endpoint);
}

describe("a refresh in a shared file", () => {
  it("is marked in the record before it is sent, until it is answered", async () => {
    let marked: boolean | undefined;
    const result = await getAccessToken(whileAsked(async () => marked = await isMarked()));
    assertEquals(marked, true);
    assertEquals([await isMarked(), (await session()).tokens.accessToken], [false, result]);
    const { expiresAt } = (await session()).tokens;
    assertEquals(events, [{ type: "refreshed", expiresAt: expiresAt! }]);
  });

  for (const status of [400, 401, 403, 404, 429, 499]) {
    it(`is unmarked if the issuer says that it did not use up the token (${status})`, async () => {
      emulator.faults.add({ endpoint: "token", status, body: { error: "slow_down" } });
      assertEquals((await caught(() => getAccessToken(context))).code, "token_exchange");
      assertEquals(await isMarked(), false);
    });
  }

  for (const status of [302, 408, 500, 503]) {
    it(`stays marked if the token may be used up (${status})`, async () => {
      emulator.faults.add({ endpoint: "token", status, body: {} });
      await caught(() => getAccessToken(context));
      assertEquals(await isMarked(), true);
    });
  }

  it("that is rejected after an interrupted one is reported as such", async () => {
    await saveRecord(context, { kind: "live", tokens, isRefreshing: true });
    emulator.faults.add({ endpoint: "token", status: 400, body: { error: "slow_down" } });
    await caught(() => getAccessToken(context));
    assertEquals(await isMarked(), true);
    emulator.revokeGrants();
    assertEquals(await getAccessToken(context), null);
    assertEquals(events, [{ type: "session_ended", reason: "refresh_interrupted" }]);
  });

  it("that was interrupted waits until the token is needed", async () => {
    const valid = { ...tokens, expiresAt: context.runtime.now() + 10_000 };
    await saveRecord(context, { kind: "live", tokens: valid, isRefreshing: true });
    assertEquals([await getAccessToken(context), endpoints()], [tokens.accessToken, []]);
  });

  it("that was interrupted is repeated for a caller that must have another token, even if others can wait", async () => {
    const valid = { ...tokens, expiresAt: context.runtime.now() + 10_000 };
    await saveRecord(context, { kind: "live", tokens: valid, isRefreshing: true });
    const { withLock } = context.store;
    const begun = new Promise<void>((resolve) => {
      Object.assign(context.store, {
        withLock: (...how: Parameters<typeof withLock>) => {
          resolve();
          return withLock(...how);
        },
      });
    });
    const first = getAccessToken(context);
    await begun; // Refreshed by the one that can wait: both read the record, and either may be faster.
    const [waiting, forced] = await Promise.all([first, getAccessToken(context, { forceRefresh: true })]);
    assertEquals([waiting, endpoints()], [tokens.accessToken, ["token"]]);
    assertEquals((await session()).tokens.accessToken, forced);
    assertNotEquals(forced, waiting);
  });

  it("that lost a race is tried a second time, but not a third", async () => {
    const lost = { endpoint: "token", status: 400, body: { error: "invalid_request" } } as const;
    emulator.faults.add(lost);
    assert(await getAccessToken(context));
    assertEquals(endpoints(), ["token", "token"]);

    await saveRecord(context, { kind: "live", tokens: { ...(await session()).tokens, expiresAt: 1 } });
    emulator.requests.length = 0;
    emulator.faults.add({ ...lost, times: 2 });
    assertEquals((await caught(() => getAccessToken(context))).oauthError, "invalid_request");
    assertEquals(endpoints(), ["token", "token"]);
  });

  it("that is rejected returns what another process stored meanwhile", async () => {
    emulator.faults.add({ endpoint: "token", status: 400, body: { error: "invalid_grant" } });
    const other = { accessToken: "of another", refreshToken: "another", expiresAt: 1 };
    const waiting = whileAsked(() => saveRecord(context, { kind: "live", tokens: other }));
    assertEquals(await useRefreshToken(waiting, await session(), undefined), other);
    assertEquals(events, []);
  });

  it("that is rejected is over if nobody is signed in any more", async () => {
    emulator.faults.add({ endpoint: "token", status: 400, body: { error: "invalid_grant" } });
    assertEquals(
      await useRefreshToken(whileAsked(() => removeRecord(context)), await session(), undefined),
      null,
    );
    assertEquals([await readRecord(context), events], [null, []]);
  });

  it("is not sent after the lock is lost", async () => {
    const held = { isStillHeld: () => Promise.resolve(false) };
    const error = await caught(async () => useRefreshToken(context, await session(), held));
    assertEquals([error.code, error.message, error.retryable, endpoints()], [
      "timeout",
      "This process was suspended for so long that another may be using the credentials",
      true,
      [],
    ]);
  });

  it("holds interrupts back only while it runs", async () => {
    let deferred = 0;
    const deferInterrupts = () => {
      deferred++;
      return () => void deferred--;
    };
    const deferring = { ...context, runtime: { ...context.runtime, deferInterrupts } };
    await useRefreshToken(deferring, await session(), undefined);
    assertEquals(deferred, 0);
  });
});

describe("the response to a refresh", () => {
  /** A lock that is lost once the refresh token is sent. */
  function lockUntilSent() {
    return { isStillHeld: () => Promise.resolve(emulator.requests.length === 0) };
  }

  /** Refreshes while something happens, under a lock that is lost meanwhile. */
  async function refreshWhile(happens: () => Promise<unknown>) {
    return await useRefreshToken(whileAsked(happens), await session(), lockUntilSent());
  }

  it("is saved even after losing the lock if the record is still the refreshed one", async () => {
    const refreshed = await refreshWhile(() => Promise.resolve());
    assertEquals((await session()).tokens, refreshed as typeof tokens);
    assertEquals(endpoints(), ["token"]);
  });

  it("is saved if the record only says that the refresh token was rejected", async () => {
    const refreshTokenHash = await sha256(tokens.refreshToken!);
    const ended = { kind: "ended", reason: "invalid_grant", refreshTokenHash } as const;
    const refreshed = await refreshWhile(() => saveRecord(context, ended));
    assertEquals((await session()).tokens, refreshed as typeof tokens);
  });

  const others: [what: string, happens: () => Promise<unknown>, result: string | null][] = [
    [
      "another session was stored",
      () => saveRecord(context, { kind: "live", tokens: { accessToken: "b", refreshToken: "b" } }),
      "b",
    ],
    [
      "another session has ended",
      () => saveRecord(context, { kind: "ended", reason: "expired", refreshTokenHash: "other" }),
      null,
    ],
    ["the record was removed", () => removeRecord(context), null],
  ];
  for (const [what, happens, result] of others) {
    it(`is revoked if ${what}`, async () => {
      assertEquals((await refreshWhile(happens))?.accessToken ?? null, result);
      assertEquals(endpoints(), ["token", "revoke"]);
      assertEquals(emulator.requests[1]?.form.token === tokens.refreshToken, false);
      assertEquals(events, []);
    });
  }

  it("is revoked if a logout could not wait for the lock", async () => {
    const entomb = async () => {
      await context.store.crossProcess?.logoutNotice.write(await sha256(tokens.refreshToken!));
      await removeRecord(context);
    };
    assertEquals(await useRefreshToken(whileAsked(entomb), await session(), undefined), null);
    assertEquals([endpoints(), await readRecord(context)], [["token", "revoke"], null]);
  });

  /** Runs something right after the response was saved. The save before is the mark. */
  function onceSaved(happens: () => Promise<unknown>) {
    const real = context.store;
    const world = { saves: 0, mayOverwrite: false, context };
    const store: ClientStore = {
      ...real,
      set: async (key, value, options) => {
        world.mayOverwrite = options?.mayOverwrite ?? false;
        await real.set(key, value, options);
        if (++world.saves === 2) await happens();
      },
    };
    world.context = { ...context, store };
    return world;
  }

  it("is revoked, and removed again, if such a logout came during the save", async () => {
    const hash = await sha256(tokens.refreshToken!);
    const world = onceSaved(() => context.store.crossProcess!.logoutNotice.write(hash));
    assertEquals(await useRefreshToken(world.context, await session(), undefined), null);
    assertEquals([endpoints(), await readRecord(context), events], [["token", "revoke"], null, []]);
  });

  it("is saved again if another process saw the used token rejected during the save", async () => {
    const refreshTokenHash = await sha256(tokens.refreshToken!);
    const ended = { kind: "ended", reason: "invalid_grant", refreshTokenHash } as const;
    const world = onceSaved(() => saveRecord(context, ended));
    const refreshed = await useRefreshToken(world.context, await session(), undefined);
    assertEquals([(await session()).tokens.accessToken, world.saves], [refreshed?.accessToken ?? "", 3]);
  });

  it("is saved once if nothing interferes, over the used-up record if necessary", async () => {
    const world = onceSaved(() => Promise.resolve(assertEquals(world.mayOverwrite, true)));
    await useRefreshToken(world.context, await session(), undefined);
    assertEquals(world.saves, 2);
  });

  it("is saved by the holder of the lock, whatever became of the record", async () => {
    const held = { isStillHeld: () => Promise.resolve(true) };
    const refreshed = await useRefreshToken(whileAsked(() => removeRecord(context)), await session(), held);
    assertEquals((await session()).tokens, refreshed as typeof tokens);
  });
});
