import { createEmulator, type Emulator } from "@clerk/cli-auth/testing";
import { assertEquals, assertStrictEquals } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { type ClientContext, type LoginResult, oneLogin, saveLogin } from "../doors/client.ts";
import { ClerkCliAuthError, type TokenSet } from "../doors/core.ts";
import { type ClientStore, type CrossProcess, openBuiltInStore } from "../doors/storage.ts";
import { caught } from "../harness/caught.ts";
import { isOfDeadline, onFakeClock } from "../harness/fake_clock.ts";
import { systemError } from "../harness/fake_runtime.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";
import { untilPushed } from "../harness/until_pushed.ts";
import { createLocalContext } from "./support/local_context.ts";

/** How long a login tries to announce itself. */
const ANNOUNCEMENT_MS = 100;
const isOfAnnouncement = (durationMs: number) => durationMs === ANNOUNCEMENT_MS;

const NEVER = new AbortController().signal;
const SCOPES = ["openid", "email"];
const OWN = { tokens: { accessToken: "own" }, user: { sub: "own" } } as LoginResult;

let folder: TemporaryFolder;
let emulator: Emulator;
let context: ClientContext;
/** The lock of logins, as another process has it. */
let lockElsewhere: CrossProcess["withLoginLock"];
/** How logins here asked for it. */
let asked: unknown[];
/** What became of those. */
let steps: string[];
let signIns: number;
beforeEach(async () => {
  folder = await makeTemporaryFolder();
  emulator = createEmulator({ behavior: { accessTokenFormat: "opaque", idTokenFormat: "opaque" } });
  context = await createLocalContext({ emulator, folder: folder.path, storage: "file" });
  const { crossProcess } = context.store;
  lockElsewhere = crossProcess!.withLoginLock;
  asked = [];
  steps = [];
  const withLoginLock: CrossProcess["withLoginLock"] = (task, options) => {
    asked.push(options);
    return lockElsewhere(async (held) => {
      steps.push("taken");
      return await task(held).finally(() => steps.push("let go"));
    }, options);
  };
  context = { ...context, store: { ...context.store, crossProcess: { ...crossProcess!, withLoginLock } } };
  signIns = 0;
});
afterEach(() => folder.remove());

function signIn(): Promise<LoginResult> {
  signIns++;
  return Promise.resolve(OWN);
}

function run(
  { join = false, signal = NEVER, store = context.store }: {
    join?: boolean;
    signal?: AbortSignal;
    store?: ClientStore;
  } = {},
): Promise<LoginResult> {
  return oneLogin({ ...context, store }, { scopes: SCOPES, join, signal }, signIn);
}

/** Starts logins while one is under way in another process, which then stores its tokens, if any. */
async function beside<T>(start: () => Promise<T>, stored?: TokenSet): Promise<T> {
  let started: Promise<T> | undefined;
  asked.length = 0;
  await lockElsewhere(async () => {
    started = start();
    started.catch(() => {});
    await untilPushed(asked, () => true);
    if (stored) await saveLogin(context, { kind: "live", tokens: stored });
  }, { signal: NEVER });
  return await started!;
}

async function issued(scopes: string[]): Promise<TokenSet> {
  return await emulator.issueTokens({ scopes });
}

describe("a login that joins", () => {
  it("waits for one in another process, and adopts its result", async () => {
    const tokens = await issued(["openid", "email", "profile"]);
    const result = await beside(() => run({ join: true }), tokens);
    assertEquals([result.tokens.accessToken, result.user.email], [tokens.accessToken, "ada@example.com"]);
    assertEquals(signIns, 0);
  });

  it("signs in if that one lacks scopes, or did not finish", async () => {
    const tokens = await issued(["openid"]);
    assertStrictEquals(await beside(() => run({ join: true }), tokens), OWN);
    assertStrictEquals(await beside(() => run({ join: true })), OWN);
    assertStrictEquals(await beside(() => run({ join: true }), { accessToken: "without scopes" }), OWN);
    assertEquals(signIns, 3);
  });

  it("signs in if there is none, whatever is stored", async () => {
    assertStrictEquals(await run({ join: true }), OWN);
    await saveLogin(context, { kind: "live", tokens: await issued(SCOPES) });
    assertStrictEquals(await run({ join: true }), OWN);
  });

  it("gives up after the login timeout", async () => {
    const timeoutMs = context.config.loginTimeoutMs;
    const waiting = () =>
      onFakeClock(async (clock) => {
        const failure = caught(() => run({ join: true }));
        await clock.untilSet(timeoutMs);
        await clock.advance(timeoutMs);
        return await failure;
      }, isOfDeadline);
    await lockElsewhere(async () => assertEquals((await waiting()).code, "timeout"), { signal: NEVER });
    assertEquals(signIns, 0);
  });
});

describe("a login that does not join", () => {
  it("does not wait for one in another process", async () => {
    const announcing = () =>
      onFakeClock(async (clock) => {
        const login = run();
        await clock.untilSet(ANNOUNCEMENT_MS);
        await clock.advance(ANNOUNCEMENT_MS);
        return await login;
      }, isOfAnnouncement);
    assertStrictEquals(await lockElsewhere(announcing, { signal: NEVER }), OWN);
    assertEquals(signIns, 1);
  });

  it("is announced to those that do", async () => {
    let joining: Promise<unknown> | undefined;
    const signIn = async () => {
      asked.length = 0;
      joining = run({ join: true });
      await untilPushed(asked, () => true);
      steps.push("signed in");
      return OWN;
    };
    const login = () => oneLogin(context, { scopes: SCOPES, join: false, signal: NEVER }, signIn);
    await onFakeClock(login, isOfAnnouncement);
    await joining;
    assertEquals(steps, ["taken", "signed in", "let go", "taken", "let go"]);
  });

  it("fails before anyone signs in if nothing can be written", async () => {
    const files = { ...context.runtime.files, makeDirectory: () => Promise.reject(systemError("EROFS")) };
    const store = await openBuiltInStore("file", {
      runtime: { ...context.runtime, files },
      scope: { application: "client", environment: "default" },
      filePath: `${folder.path}/credentials.json`,
    });
    assertEquals((await caught(() => run({ store }))).code, "storage");
    assertEquals(signIns, 0);
  });

  it("fails as it fails: a login that timed out is no reason for another", async () => {
    const failure = new ClerkCliAuthError("timeout", "Nobody has signed in");
    let attempts = 0;
    const fail = () => {
      attempts++;
      return Promise.reject(failure);
    };
    const error = await caught(() => oneLogin(context, { scopes: SCOPES, join: false, signal: NEVER }, fail));
    assertStrictEquals(error, failure);
    assertEquals(attempts, 1);
  });

  it("is aborted by its signal while it waits", async () => {
    const error = await caught(() => run({ signal: AbortSignal.abort() }));
    assertEquals([error.code, signIns], ["cancelled", 0]);
  });
});

describe("a login whose record no other process sees", () => {
  it("needs no announcement", async () => {
    const memory = await createLocalContext({ emulator, folder: folder.path, storage: "memory" });
    assertStrictEquals(await oneLogin(memory, { scopes: SCOPES, join: true, signal: NEVER }, signIn), OWN);
    assertEquals(signIns, 1);
  });
});
