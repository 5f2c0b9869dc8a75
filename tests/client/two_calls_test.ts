import { assert, assertEquals, assertFalse, assertMatch, assertStringIncludes } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type {
  AuthEvent,
  Awaitable,
  ClerkCliAuthConfig,
  CredentialStore,
  LoginInstructions,
} from "@clerk/cli-auth";
import {
  createEmulator,
  createScriptedBrowser,
  type Emulator,
  type EmulatorEndpoint,
  type Fault,
  type SignInOptions,
} from "@clerk/cli-auth/testing";
import {
  admitOnly,
  beginLogin,
  type ClientContext,
  completeLogin,
  logout,
  pendingMethod,
  readRecord,
  replaceSession,
} from "../doors/client.ts";
import { caught, everythingSaidBy } from "../harness/caught.ts";
import { isOfDeadline, LAST_MOMENT_MS, onFakeClock } from "../harness/fake_clock.ts";
import { createFakeKeyring, type FakeKeyring } from "../harness/fake_keyring.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";
import { mapStore } from "../harness/test_client.ts";
import { createLocalContext } from "./support/local_context.ts";

const INTERVAL_MS = 5_000;
const PASTE_LIFETIME_MS = 15 * 60_000;
const DEVICE_LIFETIME_MS = 600_000;

let emulator: Emulator;
let folder: TemporaryFolder;
let keyring: FakeKeyring;
let events: AuthEvent[];
/** The time for the issuer and all processes. */
let time: () => number;

beforeEach(async () => {
  const now = Date.now();
  time = () => now;
  emulator = createEmulator({ behavior: { idTokenFormat: "opaque" }, now: () => time() });
  folder = await makeTemporaryFolder();
  keyring = createFakeKeyring();
  events = [];
});
afterEach(() => folder.remove());

/** Lets time pass. */
function later(durationMs: number): void {
  const before = time;
  time = () => before() + durationMs;
}

/** What a process of its own would work on. */
async function newProcess(
  config: Partial<ClerkCliAuthConfig> = {},
  storage: "keychain" | "file" | "memory" = "keychain",
): Promise<ClientContext> {
  const context = await createLocalContext({
    emulator,
    folder: folder.path,
    storage,
    keyring,
    events,
    config,
  });
  Object.assign(context.runtime, { now: () => time() });
  return context;
}

/** What the person does on any device, or in any browser; gives where the browser ends. */
async function signIn(begun: LoginInstructions, options: SignInOptions = {}): Promise<string> {
  const browser = createScriptedBrowser({ fetch: emulator.fetch });
  if (begun.method === "paste") {
    return (await browser.signIn(begun.authorizationUrl, { visitCallback: false, ...options })).url;
  }
  const { verificationUri, userCode } = begun;
  return (await browser.signIn(verificationUri, { userCode, ...options })).url;
}

function requestsTo(endpoint: EmulatorEndpoint, grantType?: RegExp) {
  return emulator.requests.filter(({ endpoint: asked, form }) =>
    asked === endpoint && (!grantType || grantType.test(form.grant_type ?? ""))
  );
}

/** All that is stored, as text. */
async function storedText(): Promise<string> {
  const entries = await readdir(folder.path, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return (await Promise.all(files.map(({ parentPath, name }) => readFile(join(parentPath, name), "utf8"))))
    .join("\n");
}

for (const storage of ["keychain", "file"] as const) {
  describe(`A login in two calls, with storage: '${storage}'`, () => {
    it("with a code is completed by another process", async () => {
      const begun = await beginLogin(await newProcess({}, storage));
      assert(begun.method === "device");
      assertMatch(begun.login, /^[0-9a-z]{8}$/);
      assertEquals(begun.expiresAt, time() + DEVICE_LIFETIME_MS);
      await signIn(begun);
      later(INTERVAL_MS);
      const context = await newProcess({}, storage);
      const { user, tokens } = await completeLogin(context, { login: begun.login });
      const record = await readRecord(context);
      assertEquals([user.email, record?.kind === "live" && record.tokens], ["ada@example.com", tokens]);
    });

    it("with a pasted URL is completed by another process", async () => {
      const begun = await beginLogin(await newProcess({}, storage), { method: "paste", prompt: "consent" });
      assert(begun.method === "paste");
      assertEquals(begun.expiresAt, time() + PASTE_LIFETIME_MS);
      assertEquals(new URL(begun.authorizationUrl).searchParams.get("prompt"), "consent");
      const response = await signIn(begun);
      assertMatch(response, /^http:\/\/127\.0\.0\.1:\d+\/callback\?/);
      const { user } = await completeLogin(await newProcess({}, storage), { login: begun.login, response });
      assertEquals(user.email, "ada@example.com");
    });

    it("leaves nothing behind once it is completed", async () => {
      const begun = await beginLogin(await newProcess({}, storage));
      await signIn(begun);
      later(INTERVAL_MS);
      await completeLogin(await newProcess({}, storage));
      const names = await readdir(folder.path, { recursive: true });
      assertEquals(names.filter((name) => name.includes("pending")), []);
    });

    it("does not affect the existing session until it is completed", async () => {
      const context = await newProcess({}, storage);
      await replaceSession(context, await emulator.issueTokens());
      const before = await readRecord(context);
      await beginLogin(await newProcess({}, storage));
      assertEquals(await readRecord(await newProcess({}, storage)), before);
    });
  });
}

describe("beginLogin()", () => {
  it("seals what it stores if there is a keychain", async () => {
    await beginLogin(await newProcess());
    const { form } = requestsTo("device_authorization")[0] ?? {};
    assert(form?.nonce);
    const text = await storedText();
    assertFalse(text.includes(form.nonce) || text.includes("deviceCode"));
    await beginLogin(await newProcess({}, "file"));
    assertStringIncludes(await storedText(), "deviceCode");
  });

  it("requests the given scopes", async () => {
    await beginLogin(await newProcess(), { scopes: ["email"] });
    assertEquals(requestsTo("device_authorization")[0]?.form.scope, "email");
  });

  it("uses a pasted URL if the issuer does not offer the device grant, or not to this application", async () => {
    emulator.application.deviceGrantEnabled = false;
    assertEquals((await beginLogin(await newProcess())).method, "paste");
    const error = await caught(async () => beginLogin(await newProcess(), { method: "device" }));
    assertEquals([error.code, error.oauthError], ["config", "unauthorized_client"]);
    emulator.behavior.deviceGrant = false;
    assertEquals((await beginLogin(await newProcess({ issuer: "http://127.0.0.1" }))).method, "paste");
  });

  it("rejects an unknown method, storage that ends with the process, and a posted response", async () => {
    const failing: [Promise<ClientContext>, string | undefined, RegExp][] = [
      [newProcess(), "browser", /'method' must be/],
      [newProcess({}, "memory"), undefined, /storage that outlives/],
      [newProcess({ endpoints: "discover", responseMode: "form_post" }), "paste", /form_post/],
    ];
    for (const [context, method, message] of failing) {
      const error = await caught(async () =>
        beginLogin(await context, method ? { method: method as "paste" } : {})
      );
      assertEquals(error.code, "config");
      assertMatch(error.message, message);
    }
  });

  it("keeps four, and makes room as they expire", async () => {
    const first = await beginLogin(await newProcess());
    later(1000);
    for (let count = 2; count <= 4; count++) await beginLogin(await newProcess());
    const asked = emulator.requests.length;
    const error = await caught(async () => beginLogin(await newProcess()));
    assertEquals([error.code, error.exitCode, error.retryable], ["config", 1, true]);
    assertEquals(emulator.requests.slice(asked).map(({ endpoint }) => endpoint), ["metadata"]);
    later(DEVICE_LIFETIME_MS - 1000);
    await beginLogin(await newProcess());
    const gone = await caught(async () => completeLogin(await newProcess(), { login: first.login }));
    assertEquals(gone.code, "not_authenticated");
  });

  it("starts again even if old logins can no longer be opened", async () => {
    await beginLogin(await newProcess());
    keyring.failure = new Error("No such interface: not provided by any .service files");
    const begun = await beginLogin(await newProcess());
    assertEquals(events.map(({ type }) => type), ["downgraded"]);
    await signIn(begun);
    later(INTERVAL_MS);
    assertEquals((await completeLogin(await newProcess())).user.email, "ada@example.com");
  });
});

describe("completeLogin()", () => {
  it("rejects a pasted response of another login, and keeps waiting", async () => {
    const context = await newProcess();
    const own = await beginLogin(context, { method: "paste" });
    const other = await beginLogin(context, { method: "paste" });
    const response = await signIn(other);
    const error = await caught(async () => completeLogin(await newProcess(), { login: own.login, response }));
    assertEquals([error.code, requestsTo("token").length], ["state_mismatch", 0]);
    assertEquals(
      (await completeLogin(context, { login: other.login, response })).user.email,
      "ada@example.com",
    );
    const again = await completeLogin(context, { login: own.login, response: await signIn(own) });
    assertEquals(again.user.email, "ada@example.com");
  });

  it("accepts CODE#STATE, and nothing that is neither that nor a URL", async () => {
    const begun = await beginLogin(await newProcess(), { method: "paste" });
    const { searchParams } = new URL(await signIn(begun));
    for (const response of ["", "code", "javascript:alert(1)"]) {
      const error = await caught(async () => completeLogin(await newProcess(), { response }));
      assertEquals([error.code, error.exitCode], ["config", 1]);
    }
    const response = `${searchParams.get("code")}#${searchParams.get("state")}`;
    assertEquals((await completeLogin(await newProcess(), { response })).user.email, "ada@example.com");
  });

  it("requires a response only if one is needed", async () => {
    const paste = await beginLogin(await newProcess(), { method: "paste" });
    const device = await beginLogin(await newProcess());
    const withoutOne = await caught(async () => completeLogin(await newProcess(), { login: paste.login }));
    const withOne = await caught(async () =>
      completeLogin(await newProcess(), { login: device.login, response: "code#state" })
    );
    assertEquals([withoutOne.code, withOne.code, requestsTo("token").length], ["config", "config", 0]);
  });

  it("accepts only handles, and repeats nothing else", async () => {
    await beginLogin(await newProcess());
    for (const login of ["https://evil.example/device?user_code=X", "", "ABCDEFGH", "../../x"]) {
      const error = await caught(async () => completeLogin(await newProcess(), { login }));
      assertEquals([error.code, error.exitCode], ["config", 2]);
      assertFalse(login !== "" && everythingSaidBy(error).includes(login));
    }
    assertEquals(requestsTo("token").length, 0);
  });

  it("is 'not_authenticated' for a handle that is unknown, used, expired or of something else", async () => {
    const unknown = await caught(async () => completeLogin(await newProcess(), { login: "00000000" }));
    const none = await caught(async () => completeLogin(await newProcess()));
    assertEquals([unknown.code, none.code], ["not_authenticated", "not_authenticated"]);

    const { login } = await beginLogin(await newProcess({ profile: "work" }));
    for (
      const config of [{}, { profile: "home" }, { profile: "work", resource: "https://api.example.com" }]
    ) {
      assertEquals(
        (await caught(async () => completeLogin(await newProcess(config), { login }))).code,
        "not_authenticated",
      );
    }
    later(DEVICE_LIFETIME_MS);
    const expired = await caught(async () => completeLogin(await newProcess({ profile: "work" }), { login }));
    assertEquals([expired.code, expired.message], [
      "not_authenticated",
      `The sign-in "${login}" has expired`,
    ]);
    assertFalse((await storedText()).includes("sealed"), "it is removed");
  });

  it("lists the pending logins if there are several and none was named", async () => {
    const first = await beginLogin(await newProcess());
    const second = await beginLogin(await newProcess(), { method: "paste", scopes: ["email"] });
    const error = await caught(async () => completeLogin(await newProcess()));
    assertEquals([error.code, error.exitCode], ["config", 2]);
    assertStringIncludes(
      error.message,
      `${first.login} (device, profile email openid offline_access, 10 min left)`,
    );
    assertStringIncludes(error.message, `${second.login} (paste, email, 15 min left)`);
  });

  it("reports that the user denied access, once", async () => {
    const begun = await beginLogin(await newProcess());
    await signIn(begun, { decision: "deny" });
    later(INTERVAL_MS);
    const { login } = begun;
    assertEquals(
      (await caught(async () => completeLogin(await newProcess(), { login }))).code,
      "access_denied",
    );
    assertEquals(
      (await caught(async () => completeLogin(await newProcess(), { login }))).code,
      "not_authenticated",
    );
    const pasted = await beginLogin(await newProcess(), { method: "paste" });
    const response = await signIn(pasted, { decision: "deny" });
    assertEquals(
      (await caught(async () => completeLogin(await newProcess(), { response }))).code,
      "access_denied",
    );
    assertEquals(
      (await caught(async () => completeLogin(await newProcess(), { response }))).code,
      "not_authenticated",
    );
  });

  it("says that a code was already used, and to start again", async () => {
    const begun = await beginLogin(await newProcess({}, "file"));
    const kept = await storedText();
    await signIn(begun);
    later(INTERVAL_MS);
    const [, deviceCode = ""] = /"deviceCode\\":\\"([^"\\]+)/.exec(kept) ?? [];
    await emulator.fetch(
      new Request("http://127.0.0.1/oauth/token", {
        method: "POST",
        body: new URLSearchParams({
          grant_type: "urn:ietf:params:oauth:grant-type:device_code",
          client_id: emulator.application.clientId,
          device_code: deviceCode,
        }),
      }),
    );
    later(INTERVAL_MS);
    const error = await caught(async () => completeLogin(await newProcess({}, "file")));
    assertEquals([error.code, error.action], ["not_authenticated", "Start a new login"]);
    assertFalse(everythingSaidBy(error).includes(deviceCode));
    assertFalse((await storedText()).includes(deviceCode));
  });

  it("keeps a login, and its pasted code, through network trouble", async () => {
    const begun = await beginLogin(await newProcess(), { method: "paste" });
    const response = await signIn(begun);
    const trouble: [Fault<EmulatorEndpoint>, retryable: boolean][] = [
      [{ endpoint: "token", status: 503 }, true],
      [{ endpoint: "token", status: 200, body: "<!doctype html>Pay for this network" }, false],
    ];
    for (const [fault, retryable] of trouble) {
      emulator.faults.add(fault);
      const error = await caught(async () => completeLogin(await newProcess(), { response }));
      assertEquals([error.code, error.retryable], ["token_exchange", retryable]);
    }
    assertEquals((await completeLogin(await newProcess(), { response })).user.email, "ada@example.com");
  });

  it("completes no login that began before a logout", async () => {
    const begun = await beginLogin(await newProcess(), { method: "paste" });
    const response = await signIn(begun);
    await logout(await newProcess());
    const over = await caught(async () =>
      completeLogin(await newProcess(), { login: begun.login, response })
    );
    assertEquals([over.code, over.action], ["not_authenticated", "Start a new login"]);
  });

  it("exchanges a pasted code even after its timeout", async () => {
    const begun = await beginLogin(await newProcess(), { method: "paste" });
    const response = await signIn(begun);
    const timers: number[] = [];
    const onNone = (durationMs: number) => {
      timers.push(durationMs);
      return false;
    };
    await onFakeClock(async () => completeLogin(await newProcess(), { response, timeoutMs: 1 }), onNone);
    assert(timers.length > 0);
    assertFalse(timers.includes(5_001));
  });

  it("says to start again if the response with the tokens is lost", async () => {
    const begun = await beginLogin(await newProcess(), { method: "paste" });
    const response = await signIn(begun);
    emulator.faults.add({ endpoint: "token", takesEffect: true, cut: "body" });
    const lost = await caught(async () => completeLogin(await newProcess(), { response }));
    assertEquals([lost.code, lost.retryable], ["token_exchange", true]);
    const again = await caught(async () => completeLogin(await newProcess(), { response }));
    assertEquals([again.code, again.action], ["not_authenticated", "Start a new login"]);
  });

  it("does not keep the tokens of another account than the expected one", async () => {
    emulator.createUser({ email: "bob@example.com", firstName: "Bob" });
    const begun = await beginLogin(await newProcess());
    await signIn(begun, { email: "bob@example.com" });
    later(INTERVAL_MS);
    const context = await newProcess();
    const admit = admitOnly(context, { subject: emulator.user.id, remedy: "Sign in as Ada" });
    assertEquals((await caught(() => completeLogin(context, { admit }))).code, "access_denied");
    assertEquals([await readRecord(context), requestsTo("revoke").length], [null, 1]);
  });

  it("keeps the tokens if nobody can say whose they are, and does not call that retryable", async () => {
    await signIn(await beginLogin(await newProcess()));
    later(INTERVAL_MS);
    emulator.faults.add({ endpoint: "userinfo", status: 503 });
    const error = await caught(async () => completeLogin(await newProcess()));
    assertEquals([error.code, error.retryable], ["userinfo", false]);
    assertEquals((await readRecord(await newProcess()))?.kind, "live");
  });

  it("fails with 'keychain' if the keychain is gone, and completes the login once it is back", async () => {
    const begun = await beginLogin(await newProcess());
    await signIn(begun);
    later(INTERVAL_MS);
    keyring.failure = new Error("No such interface: not provided by any .service files");
    assertEquals((await caught(async () => completeLogin(await newProcess()))).code, "keychain");
    assertEquals(requestsTo("token").length, 0);
    keyring.failure = undefined;
    assertEquals((await completeLogin(await newProcess())).user.email, "ada@example.com");
  });

  it("reads the keychain once for a login whose method was looked up", async () => {
    const begun = await beginLogin(await newProcess());
    await signIn(begun);
    later(INTERVAL_MS);
    const context = await newProcess();
    keyring.reads = 0;
    await pendingMethod(context, begun.login);
    const { reads } = keyring;
    await pendingMethod(context, begun.login);
    assertEquals([reads, keyring.reads], [1, 1]);
    assertEquals((await completeLogin(context)).user.email, "ada@example.com");
  });

  it("rejects an invalid timeout", async () => {
    for (const timeoutMs of [0, -1, NaN, Infinity]) {
      assertEquals(
        (await caught(async () => completeLogin(await newProcess(), { timeoutMs }))).code,
        "config",
      );
    }
  });

  it("reports progress in the events of any login", async () => {
    const begun = await beginLogin(await newProcess());
    await signIn(begun);
    later(INTERVAL_MS);
    await completeLogin(await newProcess());
    assertEquals(events.map(({ type }) => type), ["stored"]);
  });
});

describe("completeLogin() while nobody has signed in", () => {
  let entries: Map<string, string>;
  let storage: CredentialStore;

  beforeEach(() => {
    entries = new Map();
    storage = mapStore(entries); // No lock of ours, whose timers are real.
  });

  /**
   * Completes a login on a clock that moves as soon as somebody waits, for at most `pauseMs` at a time; gives the result
   * and after how many seconds the issuer was asked.
   */
  async function complete(
    timeoutMs: number,
    { pauseMs = INTERVAL_MS, answer }: {
      pauseMs?: number;
      answer?: (poll: number) => Awaitable<Response | undefined>;
    } = {},
  ) {
    return await onFakeClock(async (clock) => {
      const [start, begin] = [time(), performance.now()];
      time = () => start + performance.now() - begin;
      const polledAt: number[] = [];
      const fetch = async (input: string | URL | Request, init?: RequestInit) => {
        const request = new Request(input, init);
        if (!request.url.endsWith("/token")) return await emulator.fetch(request);
        polledAt.push((time() - start) / 1000);
        return await answer?.(polledAt.length) ?? await emulator.fetch(request);
      };
      const context = await newProcess({ storage, fetch, requestTimeoutMs: 100_000 });
      const completing = completeLogin(context, { timeoutMs });
      let now = start;
      const noted = completing.finally(() => now = time());
      const result = await clock.passWhile(noted, pauseMs).catch((error: unknown) => error);
      time = () => now;
      const { code, retryable, user } = result as Record<string, unknown>;
      return { code, retryable, user, polledAt, passedMs: now - start };
    }, isOfDeadline);
  }

  it("is 'timeout' in the end, and loses nothing", async () => {
    const begun = await beginLogin(await newProcess({ storage }));
    later(INTERVAL_MS);
    const { code, retryable, polledAt, passedMs } = await complete(20_000);
    assertEquals([code, retryable, passedMs, polledAt], ["timeout", true, 20_000, [0, 5, 10, 15]]);
    assertEquals((await complete(7_000)).passedMs, 7_000);
    await signIn(begun);
    assertMatch(JSON.stringify((await complete(7_000)).user), /ada@example\.com/);
  });

  it("polls no sooner than the previous process would have", async () => {
    await beginLogin(await newProcess({ storage }));
    assertEquals((await complete(6_000)).polledAt, [5]);
    assertEquals((await complete(6_000)).polledAt, [4]);
  });

  it("polls more slowly from then on if told to", async () => {
    await beginLogin(await newProcess({ storage }));
    const answer = (poll: number) =>
      poll === 1 ? Response.json({ error: "slow_down" }, { status: 400 }) : undefined;
    assertEquals((await complete(19_000, { pauseMs: 10_000, answer })).polledAt, [5, 15]);
    assertEquals((await complete(19_000, { pauseMs: 10_000 })).polledAt, [6, 16]);
  });

  it("reports the trouble if no poll succeeded", async () => {
    await beginLogin(await newProcess({ storage }));
    const answer = () => new Response("", { status: 503 });
    const { code, retryable, polledAt } = await complete(21_000, { pauseMs: 20_000, answer });
    assertEquals([code, retryable, polledAt], ["token_exchange", true, [5, 15]]);
    assertEquals(entries.size, 1);
  });

  it("accepts tokens that are in transit at its timeout, but does not wait forever", async () => {
    await signIn(await beginLogin(await newProcess({ storage })));
    const never = await complete(6_000, { pauseMs: 12_000, answer: () => new Promise(() => {}) });
    assertEquals([never.code, never.retryable, never.passedMs], ["timeout", true, 11_000 + LAST_MOMENT_MS]);
    later(10_000);
    const late = async () => void await new Promise((resolve) => setTimeout(resolve, 2_000));
    const { user, passedMs } = await complete(1_000, { pauseMs: 2_000, answer: late });
    assertMatch(JSON.stringify(user), /ada@example\.com/);
    assertEquals(passedMs, 2_000);
  });

  it("is not delayed by a clock that was set back", async () => {
    await beginLogin(await newProcess({ storage }));
    later(-24 * 60 * 60_000);
    assertEquals((await complete(7_000)).polledAt, [0, 5]);
  });
});

describe("A login in two calls, with a custom store", () => {
  let entries: Map<string, string>;
  let storage: CredentialStore;

  beforeEach(() => {
    entries = new Map();
    storage = mapStore(entries);
  });

  it("keeps pending logins under their own key, for each profile", async () => {
    await beginLogin(await newProcess({ storage }));
    await beginLogin(await newProcess({ storage, profile: "work" }));
    assertEquals([...entries.keys()], ["pending", "pending@work"]);
  });

  it("keeps secrets out of the errors of the store", async () => {
    const failing = { ...storage, set: (_: string, value: string) => Promise.reject(new Error(value)) };
    const error = await caught(async () =>
      beginLogin(await newProcess({ storage: failing }), { method: "paste" })
    );
    assertEquals(error.code, "storage");
    assertMatch(everythingSaidBy(error), /"codeVerifier":"\[?(?!\w{43})/);
  });
});
