import { assert, assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import type { AuthEvent } from "@clerk/cli-auth";
import type { BrowserPage } from "@clerk/cli-auth/testing";
import {
  type BrowserMethod,
  type CallbackListener,
  login,
  openCallbackListener,
  openContext,
  parsePageOptions,
  resolveConfig,
} from "../doors/client.ts";
import { loadRuntime } from "../doors/runtime.ts";
import { caught } from "../harness/caught.ts";
import { onFakeClock } from "../harness/fake_clock.ts";
import { createFakeRuntime, type FakeRuntimeOptions } from "../harness/fake_runtime.ts";
import { rawRequest } from "../harness/raw_request.ts";
import { startTestClient, type TestClient } from "../harness/test_client.ts";

const STATE = "the-state-of-this-attempt-aaaaaaaaaaaaaaaaa";
const FORM = `code=the-code&state=${STATE}`;
const FORM_TYPE = "application/x-www-form-urlencoded";
/** How long to wait for the browser to fetch the result page, and for responses to go out. */
const [RESULT_PAGE_MS, CLOSING_MS] = [1_000, 100];
const PAGE = { outcome: "success", heading: "Signed in", paragraphs: ["You are Ada."] } as const;

describe("the callback listener with response_mode=form_post", () => {
  let listener: CallbackListener;

  beforeEach(async () => {
    listener = await openCallbackListener({
      runtime: await loadRuntime(),
      ports: [0],
      state: STATE,
      issuer: "https://clerk.example.com",
      responseMode: "form_post",
      page: parsePageOptions(),
    });
  });
  afterEach(async () => {
    listener.conclude(Promise.resolve(PAGE));
    await close();
  });

  /** Closes it, without the waits for a browser that fetches no page and one whose request never ends. */
  async function close(): Promise<void> {
    await onFakeClock(
      (clock) => clock.advanceWhile(listener.close(), CLOSING_MS),
      (durationMs) => [CLOSING_MS, RESULT_PAGE_MS].includes(durationMs),
    );
  }

  interface Post {
    method?: string;
    target?: string;
    body?: string;
    headers?: Record<string, string>;
  }

  function post({ method = "POST", target = "/callback", body = FORM, headers = {} }: Post = {}) {
    const port = Number(new URL(listener.redirectUri).port);
    const length = "transfer-encoding" in headers ? {} : { "content-length": String(body.length) };
    const own = method === "GET" ? {} : { "content-type": FORM_TYPE, ...length };
    const sent = method === "GET" ? "" : body;
    return rawRequest({ port, method, target, headers: { ...own, ...headers }, body: sent });
  }

  /** Sends the true form, and follows it to its page. */
  async function assertStillWaits(): Promise<void> {
    const answer = post();
    assertEquals(await listener.authorizationCode, "the-code");
    listener.conclude(Promise.resolve(PAGE));
    const { status, headers } = await answer;
    assertEquals([status, headers["access-control-allow-origin"]], [303, undefined]);
    const page = await post({ method: "GET", target: headers.location! });
    assertEquals(page.status, 200);
    assertStringIncludes(page.body, "You are Ada.");
  }

  it("settles on the form with its state, and redirects to the page", () => assertStillWaits());

  it("settles on an error with its state", async () => {
    const answer = post({ body: `error=access_denied&state=${STATE}` });
    assertEquals((await caught(() => listener.authorizationCode)).code, "access_denied");
    listener.conclude(Promise.resolve(PAGE));
    assertEquals((await answer).status, 303);
  });

  it("responds to a repeated form that it is already done", async () => {
    await assertStillWaits();
    assertEquals((await post({ body: FORM.replace("the-code", "another") })).status, 410);
  });

  const strays: [what: string, status: number, request: Post][] = [
    ["the code in the address", 405, { method: "GET", target: `/callback?${FORM}` }],
    ["the code in the address of a POST", 400, { target: `/callback?${FORM}`, body: "" }],
    ["another path", 404, { target: "/callback/" }],
    ["a PUT", 405, { method: "PUT" }],
    ["a preflight", 405, {
      method: "OPTIONS",
      headers: { "origin": "https://evil.example", "access-control-request-method": "POST" },
    }],
    ["a POST to a guessed result page", 404, { target: "/done/guess" }],
    ["JSON", 415, {
      body: JSON.stringify({ code: "x", state: STATE }),
      headers: { "content-type": "application/json" },
    }],
    ["plain text", 415, { headers: { "content-type": "text/plain" } }],
    ["a multipart form", 415, { headers: { "content-type": "multipart/form-data; boundary=x" } }],
    ["a script's form", 415, { headers: { "content-type": `${FORM_TYPE};charset=UTF-8` } }],
    ["no form", 400, { body: "" }],
    ["another state", 400, { body: `${FORM}x` }],
    ["two states", 400, { body: `${FORM}&state=${STATE}` }],
    ["a foreign Host", 421, { headers: { host: "evil.example" } }],
  ];
  for (const [what, status, request] of strays) {
    it(`ignores ${what} (${status})`, async () => {
      const { headers, ...answer } = await post(request);
      assertEquals([answer.status, headers["cache-control"]], [status, "no-store"]);
      assertFalse(Object.keys(headers).some((name) => name.startsWith("access-control-")));
      await assertStillWaits();
    });
  }

  it("ignores a form that never ends, and ends it on close()", async () => {
    const endless = post({ headers: { "content-length": "1000" } }).catch(() => ({ status: 0 }));
    await assertStillWaits();
    await close();
    assert([0, 400, 500].includes((await endless).status || 0));
  });

  const tooLarge: [what: string, request: Post][] = [
    ["a form of 100,000 bytes", { body: `${FORM}&x=${"x".repeat(100_000)}` }],
    ["a form of 100,000 bytes without a length", {
      headers: { "transfer-encoding": "chunked" },
      body: `186a0\r\n${"x".repeat(100_000)}\r\n0\r\n\r\n`,
    }],
  ];
  for (const [what, request] of tooLarge) {
    it(`rejects ${what}, or ends the connection`, async () => {
      const { status } = await post(request).catch(() => ({ status: 413 }));
      assertEquals(status, 413);
      await assertStillWaits();
    });
  }
});

describe("login() with responseMode: 'form_post'", () => {
  let client: TestClient;

  beforeEach(async () => {
    client = await startTestClient({ endpoints: "discover", responseMode: "form_post" });
  });
  afterEach(() => client.close());

  /** A login on a fake runtime, with the system's opener. */
  async function loginOn(options: FakeRuntimeOptions, method: BrowserMethod = "auto") {
    const { openBrowser: _, ...config } = client.config;
    const context = await openContext(
      resolveConfig(config),
      await createFakeRuntime({ platform: "linux", ...options }),
    );
    return await login(context, { method });
  }

  it("signs in, without the code in any URL", async () => {
    let walk: Promise<BrowserPage> | undefined;
    const openBrowser = (url: string) => void (walk = client.browser.signIn(url));
    assertEquals((await client.another({ openBrowser }).login()).user.email, "ada@example.com");
    assertEquals(client.requestsTo("authorize")[0]!.query.response_mode, "form_post");
    const { url } = await walk!;
    const { code } = client.requestsTo("token")[0]!.form;
    assert(url.includes("/done/") && !url.includes(code!));
  });

  it("reports an error", async () => {
    const openBrowser = client.browser.opener({ decision: "deny" });
    assertEquals((await caught(() => client.another({ openBrowser }).login())).code, "access_denied");
  });

  it("is a 'config' error at an issuer that does not offer it, or has no metadata", async () => {
    const body = {
      issuer: client.issuer,
      authorization_endpoint: client.issuer,
      token_endpoint: client.issuer,
    };
    for (const fault of [{ body }, { status: 404 }]) {
      client.emulator.faults.add({ endpoint: "metadata", ...fault, times: 2 });
      const error = await caught(() => client.another().login());
      assertEquals([error.code, client.requestsTo("authorize").length], ["config", 0]);
      assertStringIncludes(error.message, "form_post");
      assertEquals(error.action, "Leave 'responseMode' out");
    }
  });

  it("is a 'config' error if the response would have to be pasted", async () => {
    const places: [FakeRuntimeOptions, BrowserMethod?][] = [
      [{ env: { SSH_CONNECTION: "1 2 3 4" }, isInteractive: true }],
      [{ env: { SSH_CONNECTION: "1 2 3 4", BROWSER: "editor-helper" }, isInteractive: true }],
      [{ env: { DISPLAY: ":0" }, isInteractive: true }, "paste"],
    ];
    for (const [options, method] of places) {
      const error = await caught(() => loginOn(options, method));
      assertEquals([error.code, client.requestsTo("authorize").length], ["config", 0]);
      assertStringIncludes(error.message, "browser on this machine");
      assertEquals(error.action, "Sign in on a machine with a browser, or omit 'responseMode'");
    }
  });

  it("never asks for a paste if the browser did not start", async () => {
    const runtime = await createFakeRuntime({
      env: { DISPLAY: ":0" },
      isInteractive: true,
      readLine: () => Promise.reject(new Error("asked for a paste")),
    });
    const { openBrowser: _, ...config } = client.config;
    let walk: Promise<BrowserPage> | undefined;
    const onEvent = (event: AuthEvent) => {
      if (event.type === "authorize_url") walk = client.browser.signIn(event.url);
    };
    const context = await openContext(resolveConfig({ ...config, ui: "auto", onEvent }), runtime);
    assertEquals((await login(context)).user.email, "ada@example.com");
    await walk;
    assertEquals(runtime.launched.length, 1);
    assertFalse(runtime.written.includes("Paste"));
  });
});
