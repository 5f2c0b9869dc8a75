import { assertEquals } from "@std/assert";
import { createEmulator, type EmulatedTokens, type Emulator } from "@clerk/cli-auth/testing";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import {
  type ClientContext,
  openContext,
  readRecord,
  removeRecord,
  resolveConfig,
  saveRecord,
  useRefreshToken,
} from "../doors/client.ts";
import { sha256, type TokenSet } from "../doors/core.ts";
import { loadRuntime } from "../doors/runtime.ts";
import type { ClientStore } from "../doors/storage.ts";
import { caught } from "../harness/caught.ts";
import { CONFIG_DIRECTORY } from "../harness/config_directory.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";

/** What others do at some point of the refresh. */
type Meanwhile = () => void | Promise<void>;

let folder: TemporaryFolder;
let emulator: Emulator;
let context: ClientContext;
let tokens: EmulatedTokens;
/** Tokens of a login on another machine. */
let others: EmulatedTokens;
let isHeld: boolean;
let onRequest: Meanwhile;
let onAnswer: Meanwhile;
let onSaved: Meanwhile;

beforeEach(async () => {
  folder = await makeTemporaryFolder();
  emulator = createEmulator();
  [tokens, others] = [await emulator.issueTokens(), await emulator.issueTokens()];
  isHeld = true;
  onRequest = onAnswer = onSaved = () => {};
  const runtime = await loadRuntime();
  const env = (name: string) => name === CONFIG_DIRECTORY ? folder.path : undefined;
  context = watched(await openContext(configuration(), { ...runtime, env }));
  await saveRecord(context, { kind: "live", tokens });
});
afterEach(() => folder.remove());

function configuration() {
  return resolveConfig({
    clientId: emulator.application.clientId,
    issuer: "http://127.0.0.1",
    storage: "file",
    fetch: async (input, init) => {
      const request = new Request(input, init);
      const isRefresh = new URL(request.url).pathname === "/oauth/token";
      if (isRefresh) await onRequest();
      const response = await emulator.fetch(request);
      if (isRefresh) await onAnswer();
      return response;
    },
  });
}

/** Also runs `onSaved` after each save. */
function watched({ store, ...context }: ClientContext): ClientContext {
  const set: ClientStore["set"] = async (...saved) => {
    await store.set(...saved);
    await onSaved();
  };
  return { ...context, store: { ...store, set } };
}

function refresh(): Promise<TokenSet | null> {
  return useRefreshToken(context, { kind: "live", tokens }, { isStillHeld: () => Promise.resolve(isHeld) });
}

/** Another machine has taken this process for dead. */
async function overtake(stored: TokenSet): Promise<void> {
  isHeld = false;
  onSaved = () => {};
  await saveRecord(context, { kind: "live", tokens: stored });
}

/** Logs out as one that could not wait for the lock. */
async function logOut(): Promise<void> {
  onSaved = () => {};
  await context.store.crossProcess?.logoutNotice.write(await sha256(tokens.refreshToken));
  await removeRecord(context);
}

async function storedToken(): Promise<string | undefined> {
  const record = await readRecord(context);
  return record?.kind === "live" ? record.tokens.accessToken : undefined;
}

function count(endpoint: "token" | "revoke"): number {
  return emulator.requests.filter((request) => request.endpoint === endpoint).length;
}

describe("a refresh that another machine has overtaken", () => {
  it("before it started writes nothing and sends nothing", async () => {
    await overtake(others);
    const error = await caught(refresh);

    assertEquals([error.code, error.retryable], ["timeout", true]);
    assertEquals([await storedToken(), count("token")], [others.accessToken, 0]);
  });

  it("before it was sent sends nothing", async () => {
    onSaved = () => overtake(others);
    assertEquals((await caught(refresh)).code, "timeout");

    assertEquals([await storedToken(), count("token")], [others.accessToken, 0]);
  });

  it("and that the issuer defers leaves what is stored now", async () => {
    emulator.faults.add({ endpoint: "token", status: 429 });
    onRequest = () => overtake(others);
    assertEquals((await caught(refresh)).status, 429);

    assertEquals(await storedToken(), others.accessToken);
  });

  it("revokes its tokens, and returns the stored ones", async () => {
    onAnswer = () => overtake(others);

    assertEquals((await refresh())?.accessToken, others.accessToken);
    assertEquals([await storedToken(), count("revoke")], [others.accessToken, 1]);
  });

  it("saves its response if nothing else was stored", async () => {
    onAnswer = () => void (isHeld = false);
    const refreshed = await refresh();

    assertEquals([refreshed === null, await storedToken()], [false, refreshed?.accessToken]);
  });

  for (const moment of ["before", "while"]) {
    it(`and that found its refresh token used saves its response (${moment} it was saved)`, async () => {
      const end = async () => {
        isHeld = false;
        onSaved = () => {};
        const refreshTokenHash = await sha256(tokens.refreshToken);
        await saveRecord(context, { kind: "ended", reason: "invalid_grant", refreshTokenHash });
      };
      onAnswer = moment === "before" ? end : () => void (onSaved = end);
      const refreshed = await refresh();

      assertEquals([refreshed === null, await storedToken()], [false, refreshed?.accessToken]);
    });
  }
});

describe("a refresh that the issuer rejects", () => {
  const refusal = (error: string) => ({ endpoint: "token", status: 400, body: { error } } as const);

  it("as 'invalid_request', as some do when another request was faster, is tried once more", async () => {
    emulator.faults.add(refusal("invalid_request"));
    const refreshed = await refresh();
    assertEquals([refreshed === null, await storedToken()], [false, refreshed?.accessToken]);

    tokens = { ...tokens, ...refreshed };
    emulator.faults.add({ ...refusal("invalid_request"), times: 2 });
    assertEquals((await caught(refresh)).oauthError, "invalid_request");
    assertEquals([await storedToken(), count("token")], [tokens.accessToken, 4]);
  });

  it("ends no session that someone signed out of meanwhile", async () => {
    emulator.faults.add(refusal("invalid_grant"));
    onRequest = () => removeRecord(context);

    assertEquals([await refresh(), await readRecord(context)], [null, null]);
  });
});

describe("a refresh during a logout that could not wait", () => {
  it("and that the issuer defers does not bring the session back", async () => {
    emulator.faults.add({ endpoint: "token", status: 429 });
    onRequest = logOut;
    assertEquals((await caught(refresh)).status, 429);

    assertEquals(await readRecord(context), null);
  });

  for (const moment of ["before", "while"]) {
    it(`revokes its tokens, and brings nothing back (${moment} it was saved)`, async () => {
      onAnswer = moment === "before" ? logOut : () => void (onSaved = logOut);

      assertEquals(await refresh(), null);
      assertEquals([await readRecord(context), count("revoke")], [null, 1]);
    });
  }
});
