import { assert, assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import type { ClerkCliAuthConfig } from "@clerk/cli-auth";
import { login, openContext, resolveConfig } from "../doors/client.ts";
import type { Terminal } from "../doors/runtime.ts";
import { caught } from "../harness/caught.ts";
import { isOfDeadline, onFakeClock } from "../harness/fake_clock.ts";
import { createFakeRuntime, type FakeRuntimeOptions } from "../harness/fake_runtime.ts";
import { startTestClient, type TestClient } from "../harness/test_client.ts";
import { untilPushed } from "../harness/until_pushed.ts";

const LOGIN_TIMEOUT_MS = 10_000;

/** How long the progress line stays the same. */
const FRAME_MS = 100;

let client: TestClient;

beforeEach(async () => {
  client = await startTestClient({ ui: "auto" });
});
afterEach(() => client.close());

/** A login on a fake runtime, without its own opener. */
async function loginOn(options: FakeRuntimeOptions, config: Partial<ClerkCliAuthConfig> = {}) {
  const runtime = await createFakeRuntime({ platform: "linux", ...options });
  const { openBrowser: _, ...own } = client.config;
  const context = await openContext(
    resolveConfig({ ...own, loginTimeoutMs: LOGIN_TIMEOUT_MS, ...config }),
    runtime,
  );
  return { runtime, result: login(context) };
}

function authorizeUrl(): string | undefined {
  const event = client.events.find(({ type }) => type === "authorize_url");
  return event?.type === "authorize_url" ? event.url : undefined;
}

async function untilAuthorizeUrl(): Promise<string> {
  await untilPushed(client.events, ({ type }) => type === "authorize_url");
  return authorizeUrl()!;
}

/** The URL a browser would end at, for someone to type. */
async function callbackAddress(): Promise<string> {
  return (await client.browser.signIn(await untilAuthorizeUrl(), { visitCallback: false })).url;
}

/** Types these lines one after another, then nothing. */
function typing(...lines: (() => Promise<string>)[]): Terminal["readLine"] {
  return ({ signal } = {}) => {
    const line = lines.shift();
    if (line) return line();
    return new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
  };
}

describe("login() at a terminal", () => {
  it("shows the URL on its own line, so that it can be copied whole", async () => {
    const { runtime, result } = await loginOn({ isInteractive: true }, {
      openBrowser: client.browser.opener(),
      appName: "Notes",
    });
    await result;
    assert(runtime.written.split("\n").includes(authorizeUrl()!));
    assertStringIncludes(runtime.written, "sign in to Notes");
  });

  it("shows the URL without a terminal as well", async () => {
    const { runtime, result } = await loginOn({}, { openBrowser: client.browser.opener(), ui: "auto" });
    await result;
    assert(runtime.written.split("\n").includes(authorizeUrl()!));
  });

  it("shows nothing if nobody asked for it", async () => {
    const { runtime, result } = await loginOn({ isInteractive: true }, {
      openBrowser: client.browser.opener(),
      ui: "none",
    });
    await result;
    assertEquals(runtime.written, "");
  });

  it("says that no browser was opened, and keeps waiting for one that the user opens", async () => {
    const { runtime, result } = await loginOn({ isInteractive: true, env: { SSH_CONNECTION: "1 2 3 4" } });
    await client.browser.signIn(await untilAuthorizeUrl());
    assertEquals((await result).user.email, "ada@example.com");
    assertStringIncludes(runtime.written, "SSH");
    assertEquals(runtime.launched, []);
  });

  it("opens the system's browser", async () => {
    const { runtime, result } = await loginOn({
      isInteractive: true,
      env: { DISPLAY: ":0" },
      launch: (_, [url = ""]) => {
        client.browser.signIn(url);
        return { exited: Promise.resolve(0) };
      },
    });
    await result;
    assertEquals(runtime.launched, [["xdg-open", authorizeUrl()!]]);
    assertEquals(client.events.find(({ type }) => type === "browser"), { type: "browser", opened: true });
  });

  it("accepts the URL that the user pastes, and never shows it", async () => {
    const { runtime, result } = await loginOn({ isInteractive: true, readLine: typing(callbackAddress) });
    assertEquals((await result).user.email, "ada@example.com");
    const { code } = client.requestsTo("token")[0]!.form;
    assertFalse(runtime.written.includes(code!));
  });

  it("hides what is pasted, says what to paste, and stops asking once the login is over", async () => {
    const asked: Parameters<Terminal["readLine"]>[0][] = [];
    const { runtime, result } = await loginOn({
      isInteractive: true,
      readLine: (options) => {
        asked.push(options);
        return callbackAddress();
      },
    });
    await result;
    assertEquals(asked.map((options) => [options?.hidden, options?.signal?.aborted]), [[true, true]]);
    assertStringIncludes(runtime.written, "paste the URL");
    assertStringIncludes(runtime.written, "Waiting for you to sign in, or to paste the URL");
  });

  it("asks for no paste if nobody can type, or nobody is to be asked", async () => {
    const refuse = () => Promise.reject(new Error("asked for a paste"));
    const real = await createFakeRuntime();
    const onlyRead: Partial<FakeRuntimeOptions> = {
      parts: {
        terminal: { ...real.terminal, isInteractive: (stream) => stream === "stderr", readLine: refuse },
      },
    };
    const cases: [FakeRuntimeOptions, Partial<ClerkCliAuthConfig>][] = [
      [onlyRead, {}],
      [{ isInteractive: true, readLine: refuse }, { ui: "none" }],
    ];
    for (const [options, config] of cases) {
      client.events.length = 0;
      const { result } = await loginOn({ ...options, env: { SSH_CONNECTION: "1 2 3 4" } }, config);
      await client.browser.signIn(await untilAuthorizeUrl());
      assertEquals((await result).user.email, "ada@example.com");
    }
  });

  it("stops its progress line when the login is over", async () => {
    await onFakeClock(async (clock) => {
      const { runtime, result } = await loginOn({
        isInteractive: true,
        env: { TERM: "xterm-256color", SSH_CONNECTION: "1 2 3 4" },
        readLine: typing(async () => {
          await clock.untilSet(FRAME_MS);
          return await callbackAddress();
        }),
      });
      await result;
      const { written } = runtime;
      await clock.advance(3 * FRAME_MS);
      assertEquals(runtime.written, written);
    }, (durationMs) => durationMs === FRAME_MS);
  });

  it("says that nobody signed in in time, and nothing of a response that never came", async () => {
    await onFakeClock(async (clock) => {
      const { result } = await loginOn({ isInteractive: true }, { openBrowser: () => {} });
      const failure = caught(() => result);
      await clock.untilSet(LOGIN_TIMEOUT_MS);
      await clock.advance(LOGIN_TIMEOUT_MS);
      const { code, message } = await failure;
      assertEquals([code, message], ["timeout", "Timed out after 10 seconds"]);
    }, isOfDeadline);
  });

  it("rejects a paste without the right state, and asks again", async () => {
    const wrong = async () => (await untilAuthorizeUrl(), "http://127.0.0.1:1/callback?code=x&state=wrong");
    const { runtime, result } = await loginOn({
      isInteractive: true,
      readLine: typing(wrong, () => Promise.resolve("nonsense"), callbackAddress),
    });
    assertEquals((await result).user.email, "ada@example.com");
    assertEquals(client.requestsTo("token").length, 1);
    assertStringIncludes(runtime.written, "another sign-in");
  });
});

describe("login() at a terminal that gets responses to other sign-ins", () => {
  it("ends with 'state_mismatch' after five of them, and redeems none", async () => {
    const foreign = async () => (await untilAuthorizeUrl(), "http://127.0.0.1:1/callback?code=x&state=wrong");
    const { result } = await loginOn({
      isInteractive: true,
      readLine: typing(foreign, foreign, () => Promise.resolve("nonsense"), foreign, foreign, foreign),
    });
    const error = await caught(() => result);
    assertEquals([error.code, error.message, error.action], [
      "state_mismatch",
      "The URL that you pasted belongs to another sign-in",
      "Start the login again and use the address that it shows",
    ]);
    assertEquals(client.requestsTo("token").length, 0);
  });
});

describe("login() without a terminal and without a browser", () => {
  for (
    const env of [{ SSH_CONNECTION: "1 2 3 4" }, { CI: "1" }, { BROWSER: "none" }, {}] as Record<
      string,
      string
    >[]
  ) {
    it(`(${JSON.stringify(env)}) fails at once, and names the variable to set`, async () => {
      await onFakeClock(async () => {
        const { result } = await loginOn({ env }, { tokenEnvVar: "NOTES_TOKEN" });
        const error = await caught(() => result);
        assertEquals(error.code, "no_browser");
        assertStringIncludes(error.action, "NOTES_TOKEN");
      });
    });
  }
});
