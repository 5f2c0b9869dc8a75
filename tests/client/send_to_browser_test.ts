import { assert, assertEquals, assertFalse, assertStrictEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { AuthEvent, ClerkCliAuthConfig } from "@clerk/cli-auth";
import {
  browserChoice,
  type BrowserMethod,
  type LoginTerminal,
  openContext,
  prefersDevice,
  resolveConfig,
  sendToBrowser,
} from "../doors/client.ts";
import { caught } from "../harness/caught.ts";
import { createFakeRuntime, type FakeRuntimeOptions } from "../harness/fake_runtime.ts";

const URL_TO_OPEN = "https://clerk.example.com/oauth/authorize?client_id=client";
const ISSUER = "https://clerk.example.com";

/** A user at this machine's terminal, whose browser starts. */
const AT_HOME: FakeRuntimeOptions = {
  isInteractive: true,
  env: { DISPLAY: ":0" },
  launch: () => ({ exited: Promise.resolve(0) }),
};
const OVER_SSH: FakeRuntimeOptions = { isInteractive: true, env: { SSH_CONNECTION: "1 2 3 4" } };
const IN_CI: FakeRuntimeOptions = { env: { CI: "1" } };

interface Sending {
  place: FakeRuntimeOptions;
  method?: BrowserMethod;
  config?: Partial<ClerkCliAuthConfig>;
  /** Whether the login no longer waits for the user. */
  isOver?: boolean;
}

async function contextAt({ place, config }: Pick<Sending, "place" | "config">) {
  const whole = { clientId: "client", issuer: ISSUER, storage: "memory", ui: "auto", ...config } as const;
  return await openContext(resolveConfig(whole), await createFakeRuntime({ platform: "linux", ...place }));
}

/** Sends the user to the page. Returns the result, what was shown, and the events. */
async function send({ place, method = "auto", config = {}, isOver = false }: Sending) {
  const said: string[] = [];
  const events: AuthEvent[] = [];
  const terminal: LoginTerminal = {
    showUrl: (url, { opensBrowser }) => void said.push(url, opensBrowser ? "opens" : "opens none"),
    explain: () => {},
    warn: (text) => void said.push(text),
    showWaiting: () => {},
    close: () => {},
  };
  const context = await contextAt({ place, config });
  const listening = { ...context, emit: (event: AuthEvent) => void events.push(event) };
  const over = isOver ? AbortSignal.abort() : new AbortController().signal;
  const sending = sendToBrowser(listening, { url: URL_TO_OPEN, method, terminal, over });
  return { sending, said, events };
}

describe("sendToBrowser()", () => {
  it("opens the system's browser, which ends here", async () => {
    const { sending, said, events } = await send({ place: AT_HOME });
    assertEquals([await sending, said], [true, [URL_TO_OPEN, "opens"]]);
    assertEquals(events, [{ type: "browser", opened: true }]);
  });

  it("calls the custom opener, and believes it about where the browser is", async () => {
    const urls: string[] = [];
    const openBrowser = (url: string) => void urls.push(url);
    const { sending, events } = await send({ place: OVER_SSH, config: { openBrowser } });
    assertEquals([await sending, urls], [true, [URL_TO_OPEN]]);
    assertEquals(events, [{ type: "browser", opened: true }]);
  });

  it("does not rely on a browser that may be on another machine", async () => {
    const env = { SSH_CONNECTION: "1 2 3 4", BROWSER: "editor-helper" };
    const { sending, said } = await send({ place: { ...AT_HOME, env } });
    assertEquals([await sending, said], [false, [URL_TO_OPEN, "opens"]]);
  });

  it("relies on one that $BROWSER opens on this machine", async () => {
    const { sending } = await send({ place: { ...AT_HOME, env: { DISPLAY: ":0", BROWSER: "firefox" } } });
    assertEquals(await sending, true);
  });

  it("opens one if told to, whatever the place looks like", async () => {
    const place = { ...OVER_SSH, launch: AT_HOME.launch! };
    const { sending, events } = await send({ place, method: "browser" });
    await sending;
    assertEquals(events, [{ type: "browser", opened: true }]);
  });

  const opener: Partial<ClerkCliAuthConfig> = { openBrowser: () => false };
  const failing: Partial<ClerkCliAuthConfig> = {
    openBrowser: () => {
      throw new Error("no opener");
    },
  };
  const noLauncher: FakeRuntimeOptions = { isInteractive: true, env: { DISPLAY: ":0" } };
  const failures: [reason: string, sending: Sending][] = [
    ["none was asked for", { place: AT_HOME, method: "paste" }],
    ["this program did not open one", { place: AT_HOME, config: opener }],
    ["this program failed to open one", { place: AT_HOME, config: failing }],
    ["this is an SSH session", { place: OVER_SSH }],
    ["there is no display", { place: { isInteractive: true } }],
    ["no program here could open it", { place: noLauncher }],
    ["no program here could open it", { place: { ...OVER_SSH, env: {} }, method: "browser" }],
  ];
  for (const [reason, sending] of failures) {
    it(`asks the user to open the URL: ${reason}`, async () => {
      const { sending: sent, said, events } = await send(sending);
      assertEquals(await sent, false);
      const warning = `No browser was opened: ${reason}. Open the URL above yourself.`;
      assertEquals([said[0], ...said.slice(2)], [
        URL_TO_OPEN,
        ...sending.method === "paste" ? [] : [warning],
      ]);
      assertEquals(events, [{ type: "browser", opened: false, reason }]);
    });
  }

  it("says nothing more once the login is over", async () => {
    for (const place of [AT_HOME, OVER_SSH]) {
      const { sending, said } = await send({ place, isOver: true });
      await sending;
      assertEquals(said.slice(2), []);
    }
  });

  const unseen: [what: string, sending: Sending][] = [
    ["nobody is watching", { place: IN_CI, config: { onEvent: () => {} } }],
    ["nothing shows the URL", { place: OVER_SSH, config: { ui: "none" } }],
  ];
  for (const [what, sending] of unseen) {
    it(`fails if ${what}, and says what to do`, async () => {
      const error = await caught(async () => await (await send(sending)).sending);
      assertEquals([error.code, error.action], [
        "no_browser",
        "Sign in from a terminal, or on a machine with a browser",
      ]);
      assert(/^No browser can be opened here: this is (a CI job|an SSH session)$/.test(error.message));
    });
  }

  it("leaves it to a program that shows the URL itself", async () => {
    const { sending } = await send({ place: OVER_SSH, config: { ui: "none", onEvent: () => {} } });
    assertEquals(await sending, false);
  });

  it("names the variable to set instead, and why the opener failed", async () => {
    const cause = new Error("no opener");
    const config = { tokenEnvVar: "NOTES_TOKEN", openBrowser: () => Promise.reject(cause) };
    const error = await caught(async () => await (await send({ place: IN_CI, config })).sending);
    assertStringIncludes(error.action, "NOTES_TOKEN");
    assertStrictEquals(error.cause, cause);
  });
});

describe("browserChoice()", () => {
  const helper = { SSH_CONNECTION: "1 2 3 4", BROWSER: "editor-helper" };
  const cases: [choice: string, sending: Sending][] = [
    ["here", { place: AT_HOME }],
    ["none", { place: OVER_SSH }],
    ["none", { place: AT_HOME, method: "paste" }],
    ["here", { place: OVER_SSH, method: "browser" }],
    ["here", { place: OVER_SSH, config: { openBrowser: () => {} } }],
    ["none", { place: OVER_SSH, config: { openBrowser: () => {} }, method: "paste" }],
    ["elsewhere", { place: { ...AT_HOME, env: helper } }],
  ];
  for (const [index, [choice, { method = "auto", ...rest }]] of cases.entries()) {
    it(`is ${choice} (${method}, ${index + 1})`, async () => {
      assertEquals(browserChoice(await contextAt(rest), method), choice);
    });
  }
});

describe("prefersDevice()", () => {
  /** An issuer that offers the device grant, and records the requests for its metadata. */
  function issuer(offers = true) {
    const asked: string[] = [];
    const fetch: typeof globalThis.fetch = (input) => {
      asked.push(String(input));
      return Promise.resolve(Response.json({
        issuer: ISSUER,
        authorization_endpoint: `${ISSUER}/authorize`,
        token_endpoint: `${ISSUER}/token`,
        ...(offers && { device_authorization_endpoint: `${ISSUER}/device` }),
      }));
    };
    return { fetch, asked };
  }

  const { signal } = new AbortController();
  const ask = async (place: FakeRuntimeOptions, config: Partial<ClerkCliAuthConfig>) =>
    await prefersDevice(await contextAt({ place, config: { endpoints: "discover", ...config } }), signal);

  it("is true if there is no browser, someone is watching, and the issuer offers it", async () => {
    assert(await ask(OVER_SSH, issuer()));
    assert(await ask(OVER_SSH, { ...issuer(), ui: "none", onEvent: () => {} }));
    assertFalse(await ask(OVER_SSH, issuer(false)));
  });

  it("is false elsewhere, without a request", async () => {
    const cases: [FakeRuntimeOptions, Partial<ClerkCliAuthConfig>][] = [
      [AT_HOME, {}],
      [{ ...OVER_SSH, isInteractive: false }, {}],
      [OVER_SSH, { ui: "none" }],
      [OVER_SSH, { openBrowser: () => {} }],
    ];
    for (const [place, config] of cases) {
      const { fetch, asked } = issuer();
      assertEquals([await ask(place, { fetch, ...config }), asked], [false, []]);
    }
  });

  it("gives up when the login does", async () => {
    const context = await contextAt({ place: OVER_SSH, config: { endpoints: "discover", ...issuer() } });
    const error = await caught(() => prefersDevice(context, AbortSignal.abort()));
    assertEquals(error.code, "cancelled");
  });
});
