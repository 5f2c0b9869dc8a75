import { assert, assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import type { AuthEvent, ClerkCliAuthConfig, LoginMethod } from "@clerk/cli-auth";
import type { BrowserPage } from "@clerk/cli-auth/testing";
import { login, openContext, prefersDevice, resolveConfig } from "../doors/client.ts";
import { caught, everythingSaidBy } from "../harness/caught.ts";
import { isOfDeadline, LAST_MOMENT_MS, onFakeClock, withoutPauses } from "../harness/fake_clock.ts";
import { createFakeRuntime, type FakeRuntimeOptions } from "../harness/fake_runtime.ts";
import { startTestClient, type TestClient } from "../harness/test_client.ts";
import { unsignedJwt } from "../harness/unsigned_jwt.ts";

const DEVICE_CODE = "the-device-code-that-nobody-sees";

/** A poll: the token endpoint's response, or a broken connection. */
type Poll = "tokens" | "broken" | [status: number, body: unknown];

/** The longest pause between two polls here, shorter than any deadline. */
const MAX_PAUSE_MS = 20_000;

const { signal } = new AbortController();

const PENDING: Poll = [400, { error: "authorization_pending" }];

let client: TestClient;
/** Other members of the device authorization response. */
let device: Record<string, unknown>;
/** The token endpoint's responses. The last one repeats. */
let polls: Poll[];
/** The parameters of each poll. */
let polled: Record<string, string>[];
/** Changes to the response with the tokens. */
let granted: Record<string, unknown>;
/** The device authorization requests. */
let authorized: Record<string, string>[];
/** The device authorization endpoint's error, if any. */
let refusal: object | undefined;
/** Requests for the issuer's metadata. */
let probes: number;

beforeEach(async () => {
  client = await startTestClient({ endpoints: "discover", fetch: answering });
  device = {};
  polls = ["tokens"];
  polled = [];
  granted = {};
  authorized = [];
  refusal = undefined;
  probes = 0;
});
afterEach(() => client.close());

/** A `fetch` for an issuer without the device grant. */
async function unoffered(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  if (!String(input).includes("/.well-known/")) return await fetch(input, init);
  probes++;
  const { device_authorization_endpoint: _, ...metadata } = await (await fetch(input, init)).json();
  return Response.json(metadata);
}

/** A `fetch` for the emulator, with its device grant played here. */
async function answering(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const { pathname } = new URL(String(input));
  const form = Object.fromEntries(new URLSearchParams(String(init?.body ?? "")));
  if (pathname.startsWith("/.well-known/")) {
    probes++;
    const metadata = await (await fetch(input, init)).json();
    return Response.json({ ...metadata, device_authorization_endpoint: `${client.issuer}/device` });
  }
  if (pathname === "/device") {
    authorized.push(form);
    return refusal ? Response.json(refusal, { status: 400 }) : Response.json(deviceAuthorization());
  }
  return form.grant_type?.endsWith(":device_code") ? await answerPoll(form) : await fetch(input, init);
}

function deviceAuthorization(): Record<string, unknown> {
  return {
    device_code: DEVICE_CODE,
    user_code: "WDJB-MJHT",
    verification_uri: "https://example.com/device",
    verification_uri_complete: "https://example.com/device?user_code=WDJB-MJHT",
    expires_in: 60,
    interval: 5,
    ...device,
  };
}

async function answerPoll(form: Record<string, string>): Promise<Response> {
  polled.push(form);
  const poll = polls.length > 1 ? polls.shift() : polls[0];
  if (poll === "broken" || !poll) throw new TypeError("connection reset");
  if (poll !== "tokens") return Response.json(poll[1], { status: poll[0] });
  const { accessToken, refreshToken } = await client.emulator.issueTokens();
  const tokens = { access_token: accessToken, refresh_token: refreshToken, token_type: "Bearer" };
  return Response.json({ ...tokens, expires_in: 3600, ...granted });
}

/** A login on a fake runtime, without its own opener. */
async function loginOn(
  options: FakeRuntimeOptions,
  config: Partial<ClerkCliAuthConfig> = {},
  method: LoginMethod = "auto",
) {
  const runtime = await createFakeRuntime(options);
  const { openBrowser: _, ...own } = client.config;
  const context = await openContext(resolveConfig({ ...own, ...config }), runtime);
  await prefersDevice(context, signal); // Its deadline is shorter than the pauses that are skipped below.
  return { runtime, result: await withoutPauses(() => login(context, { method }), MAX_PAUSE_MS) };
}

function deviceLogin() {
  return withoutPauses(() => client.auth.login({ method: "device" }), MAX_PAUSE_MS);
}

function typesOf(events: readonly AuthEvent[]): string[] {
  return events.map(({ type }) => type);
}

describe("login({ method: 'device' })", () => {
  it("waits until the user has signed in, and stores the tokens", async () => {
    polls = [PENDING, PENDING, "tokens"];
    const { user, tokens } = await deviceLogin();
    assertEquals([user.email, client.record()?.accessToken], ["ada@example.com", tokens.accessToken]);
    assertEquals(polled.map(({ device_code }) => device_code), [DEVICE_CODE, DEVICE_CODE, DEVICE_CODE]);
    assertEquals(typesOf(client.events), ["device_code", "waiting", "stored"]);
  });

  it("shows URL and code on their own lines, even if standard error is not a terminal", async () => {
    const { runtime } = await loginOn({}, { ui: "auto", appName: "Notes" }, "device");
    const lines = runtime.written.split("\n");
    assertEquals(lines, [
      "Sign in to Notes on any device with a browser. Open",
      "https://example.com/device",
      "and enter this code:",
      "WDJB-MJHT",
      "Only enter it if you started this sign-in yourself, just now.",
      "",
    ]);
    assertFalse(runtime.written.includes(DEVICE_CODE));
  });

  it("shows no URL that contains the code if the issuer provides none", async () => {
    device = { verification_uri_complete: undefined };
    await loginOn({}, { ui: "auto" }, "device");
    const [shown] = client.events;
    assertEquals(shown?.type === "device_code" && "verificationUriComplete" in shown, false);
  });

  it("reports the code in an event, and the device code to nobody", async () => {
    const { runtime } = await loginOn({}, { ui: "none" }, "device");
    assertEquals(runtime.written, "");
    const [shown] = client.events;
    assert(shown?.type === "device_code");
    const { expiresAt, ...rest } = shown;
    assertEquals(rest, {
      type: "device_code",
      userCode: "WDJB-MJHT",
      verificationUri: "https://example.com/device",
      verificationUriComplete: "https://example.com/device?user_code=WDJB-MJHT",
    });
    assertEquals(expiresAt, runtime.time + 60_000);
    assertFalse(JSON.stringify(client.events).includes(DEVICE_CODE));
  });

  it("is a 'config' error if nobody would see the code", async () => {
    const { onEvent: _, ...config } = client.config;
    const context = await openContext(resolveConfig(config), await createFakeRuntime());
    const error = await caught(() => login(context, { method: "device" }));
    assertEquals([error.code, error.message, error.action], [
      "config",
      "Nobody would see the sign-in code",
      "Set 'ui' to \"auto\", or show the code that 'onEvent' is told",
    ]);
  });

  for (const endpoints of ["discover", "clerk"] as const) {
    it(`is a 'config' error at an issuer that does not offer it (endpoints: '${endpoints}')`, async () => {
      const error = await caught(() =>
        client.another({ fetch: unoffered, endpoints }).login({ method: "device" })
      );
      assertEquals([error.code, error.message, error.action, client.events.length], [
        "config",
        "The issuer does not let people sign in with a code",
        "Sign in with another method",
        0,
      ]);
    });
  }

  for (const error of ["unauthorized_client", "unsupported_grant_type"]) {
    it(`is a 'config' error if the application may not use it (${error})`, async () => {
      refusal = { error };
      const failure = await caught(() => deviceLogin());
      assertEquals([failure.code, failure.oauthError, failure.action], [
        "config",
        error,
        "Enable the device grant for it: `setup --device` does",
      ]);
    });
  }

  it("sends a nonce with 'openid', and rejects an ID token with another one", async () => {
    await deviceLogin();
    const { nonce = "" } = authorized.at(-1)!;
    assert(nonce.length >= 8);
    await withoutPauses(() => client.auth.login({ method: "device", scopes: ["profile"] }), MAX_PAUSE_MS);
    assertEquals(authorized.at(-1)?.nonce, undefined);

    const now = Math.floor(Date.now() / 1000);
    const { issuer } = client;
    const claims = {
      iss: issuer,
      aud: "emulator-cli",
      sub: client.emulator.user.id,
      iat: now,
      exp: now + 60,
    };
    granted = { id_token: unsignedJwt({ ...claims, nonce: "of another login" }) };
    assertStringIncludes((await caught(() => deviceLogin())).message, "'nonce' is wrong");
    granted = { id_token: unsignedJwt(claims) };
    assertEquals((await deviceLogin()).user.email, "ada@example.com");
  });

  it("survives broken connections and responses that say 'later'", async () => {
    polls = ["broken", [503, "oops"], PENDING, "tokens"];
    assertEquals((await deviceLogin()).user.email, "ada@example.com");
    assertEquals(polled.length, 4);
  });

  it("revokes the sign-in that it replaces", async () => {
    await client.signIn();
    await deviceLogin();
    assertEquals(client.requestsTo("revoke").length, 1);
  });
});

describe("login({ method: 'device' }) fails", () => {
  const answers: [what: string, poll: Poll, code: string][] = [
    ["when the person denies", [400, { error: "access_denied" }], "access_denied"],
    ["when the code has expired", [400, { error: "expired_token" }], "timeout"],
    ["when the device code is refused", [400, { error: "invalid_grant" }], "token_exchange"],
    ["on an answer that is no token response", [200, {}], "token_exchange"],
    ["on HTML", [200, "<!doctype html>"], "token_exchange"],
  ];
  for (const [what, poll, code] of answers) {
    it(`with '${code}' ${what}, stops polling, and stores nothing`, async () => {
      polls = [PENDING, poll];
      const error = await caught(() => deviceLogin());
      assertEquals([error.code, polled.length, client.entries.size], [code, 2, 0]);
    });
  }

  it("without repeating the device code", async () => {
    polls = [[400, { error: "invalid_grant", error_description: `${DEVICE_CODE} is unknown` }]];
    const error = await caught(() => deviceLogin());
    assertStringIncludes(error.message, "is unknown");
    assertFalse(everythingSaidBy(error).includes(DEVICE_CODE));
  });

  it("with 'token_exchange' if the endpoint returns nothing to show", async () => {
    device = { user_code: undefined };
    assertEquals([(await caught(() => deviceLogin())).code, polled.length], ["token_exchange", 0]);
  });

  it("with 'token_exchange' on someone else's ID token, and revokes the tokens", async () => {
    granted = { id_token: unsignedJwt({ iss: "https://evil.example", aud: "emulator-cli", sub: "user_1" }) };
    const error = await caught(() => deviceLogin());
    assertEquals([error.code, client.requestsTo("revoke").length, client.entries.size], [
      "token_exchange",
      1,
      0,
    ]);
  });

  it("with 'timeout' if nobody signs in, by the login's deadline or the code's own", async () => {
    polls = [PENDING];
    for (const [expires_in, loginTimeoutMs] of [[32, 60_000], [60, 32_000]] as const) {
      device = { expires_in };
      const auth = client.another({ loginTimeoutMs });
      const error = await caught(() => withoutPauses(() => auth.login({ method: "device" }), MAX_PAUSE_MS));
      assertEquals([error.code, error.retryable], ["timeout", true]);
      assertEquals([error.message, error.action], [
        "Timed out after 32 seconds",
        "Start the login again",
      ]);
    }
    assertEquals(polled.length, 2 * 6);
  });

  it("with 'timeout' after half an hour by default, however long the code lives", async () => {
    polls = [PENDING];
    device = { expires_in: 31_536_000 };
    assertStringIncludes((await caught(() => deviceLogin())).message, "Timed out after 30 minutes");
  });

  for (
    const verification_uri of [
      "javascript:alert(1)",
      "http://example.com",
      "https://a\u001b[2Jb.example",
      "no URL",
    ]
  ) {
    it(`with 'token_exchange' if the page is at ${JSON.stringify(verification_uri)}`, async () => {
      device = { verification_uri };
      assertEquals([(await caught(() => deviceLogin())).code, polled.length], ["token_exchange", 0]);
    });
  }

  it("with 'timeout' if the issuer allows no poll before the deadline", async () => {
    device = { interval: 1e300 };
    await onFakeClock(async (clock) => {
      const failure = caught(() => client.auth.login({ method: "device" }));
      await clock.untilSet(60_000);
      await clock.advance(60_000 + LAST_MOMENT_MS);
      assertEquals([(await failure).code, polled.length], ["timeout", 0]);
    }, isOfDeadline);
  });

  it("with 'cancelled' on an abort: while it waits, and while it polls", async () => {
    const waiting = new AbortController();
    await onFakeClock(async (clock) => {
      const failure = caught(() => client.auth.login({ method: "device", signal: waiting.signal }));
      await clock.untilSet(5_000);
      waiting.abort();
      assertEquals((await failure).code, "cancelled");
    }, isOfDeadline);
    const asking = new AbortController();
    const fetch: typeof globalThis.fetch = async (input, init) => {
      if (!String(init?.body).includes("device_code")) return await answering(input, init);
      asking.abort();
      return await new Promise(() => {});
    };
    const auth = client.another({ fetch });
    const error = await caught(() =>
      withoutPauses(() => auth.login({ method: "device", signal: asking.signal }), MAX_PAUSE_MS)
    );
    assertEquals([error.code, error.exitCode, client.entries.size], ["cancelled", 130, 0]);
  });
});

describe("login() at a place without a browser", () => {
  const SSH = { env: { SSH_CONNECTION: "1 2 3 4" }, isInteractive: true };

  it("shows a code if the issuer offers it", async () => {
    const { runtime, result } = await loginOn(SSH, { ui: "auto" });
    assertEquals(result.user.email, "ada@example.com");
    assertStringIncludes(runtime.written, "WDJB-MJHT");
    assertStringIncludes(runtime.written, "Waiting for you to enter the code");
    assertFalse(typesOf(client.events).includes("authorize_url"));
  });

  it("shows the URL to open if it does not, or if a paste was requested", async () => {
    const elsewhere: [Partial<ClerkCliAuthConfig>, LoginMethod][] = [
      [{ fetch: unoffered }, "auto"],
      [{ fetch: unoffered, endpoints: "clerk" }, "auto"],
      [{}, "paste"],
    ];
    for (const [config, method] of elsewhere) {
      let walk: Promise<BrowserPage> | undefined;
      const onEvent = (event: AuthEvent) => {
        if (event.type === "authorize_url") walk = client.browser.signIn(event.url);
      };
      const { runtime } = await loginOn(SSH, { ui: "auto", onEvent, ...config }, method);
      assert(await walk);
      assertFalse(runtime.written.includes("WDJB-MJHT"));
    }
  });

  it("shows a code even with endpoints: 'clerk' if the issuer offers it, and remembers that for a day", async () => {
    const { runtime } = await loginOn(SSH, { ui: "auto", endpoints: "clerk" });
    assertStringIncludes(runtime.written, "WDJB-MJHT");
    assertEquals(probes, 1);
    await loginOn(SSH, { ui: "auto", endpoints: "clerk" });
    assertEquals([probes, client.requestsTo("token").length], [1, 0]);
    const { device: probe } = client.record() as { device: { askedAt: number; endpoint: string } };
    assertEquals(probe.endpoint, `${client.issuer}/device`);
    client.change({ device: { ...probe, askedAt: probe.askedAt - 25 * 60 * 60 * 1000 } });
    await loginOn(SSH, { ui: "auto", endpoints: "clerk" });
    assertEquals(probes, 2);
  });

  it("checks again after ten minutes for a grant that was not offered, and at once after a failure", async () => {
    const find = async (ageMs: number, asking: typeof fetch) => {
      const runtime = await createFakeRuntime(SSH);
      const config = resolveConfig({ ...client.config, endpoints: "clerk", fetch: asking, ui: "auto" });
      const context = await openContext(config, runtime);
      context.memory.device = { askedAt: runtime.time - ageMs, endpoint: null };
      return await prefersDevice({ ...context, config: { ...config, openBrowser: undefined } }, signal);
    };
    assertEquals([await find(9 * 60_000, answering), probes], [false, 0]);
    assertEquals([await find(11 * 60_000, answering), probes], [true, 1]);
    assertEquals([await find(11 * 60_000, () => Promise.reject(new TypeError("offline")))], [false]);
  });

  it("falls back to a paste if the application may not use the grant", async () => {
    refusal = { error: "unauthorized_client" };
    let walk: Promise<BrowserPage> | undefined;
    const onEvent = (event: AuthEvent) => {
      if (event.type === "authorize_url") walk = client.browser.signIn(event.url);
    };
    const { result } = await loginOn(SSH, { ui: "auto", onEvent });
    assert(await walk);
    assertEquals([result.user.email, authorized.length, polled.length], ["ada@example.com", 1, 0]);
  });

  it("fails at once if nobody would see the code", async () => {
    const error = await caught(() => loginOn({ env: SSH.env }, { ui: "auto" }));
    assertEquals([error.code, polled.length], ["no_browser", 0]);
  });

  it("opens the browser if there is one", async () => {
    const { user } = await client.auth.login();
    assertEquals([user.email, polled.length], ["ada@example.com", 0]);
  });
});
