import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { createEmulator, createScriptedBrowser } from "@clerk/cli-auth/testing";
import {
  authorizationUrl,
  ISSUER,
  obtainCode,
  obtainTokens,
  OPAQUE,
  readCallback,
  REDIRECT_URI,
  STATE,
} from "../flow.ts";

type Parameters = Record<string, string | undefined>;

/** Calls the authorization endpoint without following redirects. */
async function authorize(parameters: Parameters, emulator = createEmulator()): Promise<Response> {
  const { url } = await authorizationUrl(parameters);
  return await emulator.fetch(new Request(url));
}

/** What the authorization endpoint sends back to the application. */
async function redirectedWith(
  parameters: Parameters,
  emulator = createEmulator(),
): Promise<Record<string, string>> {
  const response = await authorize(parameters, emulator);
  assertEquals(response.status, 303);
  const location = response.headers.get("location") ?? "";
  assertEquals(location.split("?")[0], REDIRECT_URI);
  return readCallback(location);
}

describe("the authorization endpoint, in the order of its checks", () => {
  it("responds 401 with JSON to an unknown client, even with a bad redirect URI", async () => {
    const response = await authorize({ client_id: "nobody", redirect_uri: "https://evil.example/" });
    assertEquals(response.status, 401);
    assertEquals((await response.json()).error, "invalid_client");
  });

  it("responds 400 with JSON to an unregistered redirect URI, even with a bad scope", async () => {
    const response = await authorize({ redirect_uri: "https://evil.example/", scope: "nonsense" });
    assertEquals(response.status, 400);
    assertEquals(response.headers.get("location"), null);
    const body = await response.json();
    assertEquals(body.error, "invalid_request");
    assertMatch(body.error_description, /'redirect_uri'.* does not match .*pre-registered/);
  });

  it("redirects with error, error_description and state for anything else", async () => {
    const outcome = await redirectedWith({ scope: "openid nonsense" });
    assertEquals(outcome.error, "invalid_scope");
    assertStringIncludes(outcome.error_description ?? "", "nonsense");
    assertEquals(outcome.state, STATE);
  });

  it("responds 400 with JSON to a repeated parameter", async () => {
    const { url } = await authorizationUrl({});
    const response = await createEmulator().fetch(new Request(`${url}&state=another-state`));
    assertEquals(response.status, 400);
    assertEquals((await response.json()).error, "invalid_request");
  });
});

describe("the authorization endpoint", () => {
  const refused: [string, Parameters, string][] = [
    ["a state of 7 characters", { state: "1234567" }, "invalid_state"],
    ["no response type", { response_type: undefined }, "unsupported_response_type"],
    ["the implicit flow", { response_type: "token" }, "unsupported_response_type"],
    ["an unknown response mode", { response_mode: "fragment" }, "unsupported_response_mode"],
    ["no code challenge", { code_challenge: undefined }, "invalid_request"],
    ["the plain code challenge method", { code_challenge_method: "plain" }, "invalid_request"],
    ["a code challenge without a method", { code_challenge_method: undefined }, "invalid_request"],
    ["a code challenge that is no digest", { code_challenge: "short" }, "invalid_request"],
    ["an unknown prompt", { prompt: "select_account" }, "invalid_request"],
    ["prompt=none together with another", { prompt: "none login" }, "invalid_request"],
    ["prompt=none while nobody is signed in", { prompt: "none" }, "login_required"],
    ["a resource that is no URI", { resource: "nonsense" }, "invalid_target"],
  ];
  for (const [what, parameters, error] of refused) {
    it(`rejects ${what} with ${error}`, async () => {
      assertEquals((await redirectedWith(parameters)).error, error);
    });
  }

  it("accepts a state of 8 characters, or none with PKCE", async () => {
    for (const state of ["12345678", undefined]) {
      const response = await authorize({ state });
      assertMatch(response.headers.get("location") ?? "", /^\/sign-in\?/);
    }
  });

  it("requires a state from a client without PKCE", async () => {
    const emulator = createEmulator();
    const { clientId } = emulator.createApplication({ public: false, pkceRequired: false });
    const withoutPkce = { code_challenge: undefined, code_challenge_method: undefined };
    const outcome = await redirectedWith(
      { client_id: clientId, state: undefined, ...withoutPkce },
      emulator,
    );
    assertEquals(outcome.error, "invalid_state");
  });

  it("grants profile and email to a request without a scope", async () => {
    const { scope } = await obtainTokens(createEmulator({ behavior: OPAQUE }), { scope: undefined });
    assertEquals(scope, "profile email");
  });

  it("grants those default scopes of the instance that the application may have", async () => {
    const emulator = createEmulator({ behavior: OPAQUE });
    const body = JSON.stringify({ default_scopes: ["openid", "email", "notes:write"] });
    const headers = { Authorization: `Bearer ${emulator.secretKey}` };
    const url = `${ISSUER}/v1/instance/oauth_application_settings`;
    await emulator.fetch(new Request(url, { method: "PATCH", headers, body }));
    assertEquals((await obtainTokens(emulator, { scope: undefined })).scope, "openid email");
  });

  it("asks for no consent if the application shows no consent page", async () => {
    const emulator = createEmulator();
    emulator.application.consentScreenEnabled = false;
    const { url } = await authorizationUrl({ scope: "user:org:read" });
    await createScriptedBrowser({ fetch: emulator.fetch }).signIn(url, { visitCallback: false });
    assertEquals(emulator.requests.map(({ endpoint }) => endpoint), ["authorize", "sign_in", "sign_in"]);
  });

  it("also accepts its parameters in a form", async () => {
    const { url } = await authorizationUrl({});
    const body = new URL(url).searchParams;
    const response = await createEmulator().fetch(
      new Request(`${ISSUER}/oauth/authorize`, { method: "POST", body }),
    );
    assertMatch(response.headers.get("location") ?? "", /^\/sign-in\?/);
  });

  it("needs no redirect_uri if a complete one is registered", async () => {
    const emulator = createEmulator();
    const { clientId } = emulator.createApplication({
      redirectUris: ["https://app.example/back?from=clerk"],
    });
    const { url } = await authorizationUrl({ client_id: clientId, redirect_uri: undefined });
    const browser = createScriptedBrowser({ fetch: emulator.fetch });
    const page = await browser.signIn(url, { visitCallback: false });
    assertMatch(page.url, /^https:\/\/app\.example\/back\?from=clerk&code=.+&state=/);
  });

  it("allows a confidential client without PKCE if the application says so", async () => {
    const emulator = createEmulator();
    const { clientId } = emulator.createApplication({ public: false, pkceRequired: false });
    const parameters = { client_id: clientId, code_challenge: undefined, code_challenge_method: undefined };
    const response = await authorize(parameters, emulator);
    assertMatch(response.headers.get("location") ?? "", /^\/sign-in\?/);
  });

  it("never allows a public client without PKCE", () => {
    const { pkceRequired } = createEmulator().createApplication({ public: true, pkceRequired: false });
    assertEquals(pkceRequired, true);
  });
});

describe("redirect URIs", () => {
  const registered = [
    "http://127.0.0.1/callback",
    "http://[::1]/callback",
    "http://localhost:3000/callback",
    "https://app.example/callback",
    "myapp:/callback",
  ];
  const accepted = [
    "http://127.0.0.1/callback",
    "http://127.0.0.1:1/callback",
    "http://127.0.0.1:65535/callback",
    "http://[::1]:4567/callback",
    "http://localhost:3000/callback",
    "https://app.example/callback",
    "myapp:/callback",
  ];
  const refused = [
    "http://localhost/callback",
    "http://localhost:3001/callback",
    "http://127.0.0.2:80/callback",
    "http://127.0.0.1:80/Callback",
    "http://127.0.0.1:80/callback/",
    "http://127.0.0.1:80/callback?more=1",
    "http://127.0.0.1:80/callback#fragment",
    "http://user@127.0.0.1:80/callback",
    "https://127.0.0.1:80/callback",
    "http://127.0.0.1.evil.example/callback",
    "https://app.example:444/callback",
    "https://app.example/callback?more=1",
    "myapp:/other",
    "/callback",
    "",
  ];
  const emulator = createEmulator();
  const { clientId } = emulator.createApplication({ redirectUris: registered });
  for (const [uris, status] of [[accepted, 303], [refused, 400]] as const) {
    for (const uri of uris) {
      it(`${status === 303 ? "accepts" : "refuses"} '${uri}'`, async () => {
        const response = await authorize({ client_id: clientId, redirect_uri: uri }, emulator);
        assertEquals(response.status, status);
      });
    }
  }
});

describe("prompt", () => {
  it("none returns a code without a page if sign-in and consent are remembered", async () => {
    const emulator = createEmulator({ behavior: { rememberConsent: true } });
    const browser = createScriptedBrowser({ fetch: emulator.fetch });
    await obtainCode(emulator, { browser });
    emulator.requests.length = 0;
    const { code } = await obtainCode(emulator, { browser, parameters: { prompt: "none" } });
    assertMatch(code, /./);
    assertEquals(emulator.requests.map(({ endpoint }) => endpoint), ["authorize"]);
  });

  it("none is rejected with consent_required if consent is not remembered", async () => {
    const emulator = createEmulator();
    const browser = createScriptedBrowser({ fetch: emulator.fetch });
    await obtainCode(emulator, { browser });
    const { url } = await authorizationUrl({ prompt: "none" });
    const page = await browser.open(url, { stopBefore: ({ origin }) => origin !== ISSUER });
    assertEquals(readCallback(page.url).error, "consent_required");
  });

  it("login asks who signs in even if someone is signed in", async () => {
    const emulator = createEmulator({ behavior: { rememberConsent: true } });
    const browser = createScriptedBrowser({ fetch: emulator.fetch });
    await obtainCode(emulator, { browser });
    const page = await browser.open((await authorizationUrl({ prompt: "login" })).url);
    assertStringIncludes(page.title, "Sign in");
  });

  it("consent asks again even if consent is remembered", async () => {
    const emulator = createEmulator({ behavior: { rememberConsent: true } });
    const browser = createScriptedBrowser({ fetch: emulator.fetch });
    await obtainCode(emulator, { browser });
    const page = await browser.open((await authorizationUrl({ prompt: "consent" })).url);
    assertStringIncludes(page.title, "Allow Example CLI");
  });

  it("is not needed to be asked for consent at every sign-in, unless it is remembered", async () => {
    const emulator = createEmulator();
    const browser = createScriptedBrowser({ fetch: emulator.fetch });
    await obtainCode(emulator, { browser });
    const { url } = await authorizationUrl({});
    assertStringIncludes((await browser.open(url)).title, "Allow Example CLI");
  });
});

describe("the response to the application", () => {
  it("contains code and state, but no iss", async () => {
    const emulator = createEmulator();
    const { url } = await authorizationUrl({});
    const page = await createScriptedBrowser({ fetch: emulator.fetch }).signIn(url, { visitCallback: false });
    assertEquals(Object.keys(readCallback(page.url)), ["code", "state"]);
  });

  it("contains iss if the behavior says so, even for errors", async () => {
    const emulator = createEmulator({ behavior: { sendIssuerInRedirect: true } });
    assertEquals((await redirectedWith({ prompt: "none" }, emulator)).iss, ISSUER);
  });

  it("is access_denied with the state if consent is denied", async () => {
    const emulator = createEmulator();
    const browser = createScriptedBrowser({ fetch: emulator.fetch });
    const { url } = await authorizationUrl({});
    const page = await browser.signIn(url, { decision: "deny", visitCallback: false });
    const { error, state, code } = readCallback(page.url);
    assertEquals({ error, state, code }, { error: "access_denied", state: STATE, code: undefined });
  });

  it("is posted as a form with response_mode=form_post", async () => {
    const emulator = createEmulator();
    const received: Request[] = [];
    const browser = createScriptedBrowser({
      fetch: (request) => {
        if (new URL(request.url).origin === ISSUER) return emulator.fetch(request);
        received.push(request);
        return Promise.resolve(new Response("done"));
      },
    });
    await browser.signIn((await authorizationUrl({ response_mode: "form_post" })).url);
    const [callback] = received;
    assertEquals(callback?.method, "POST");
    assertEquals(callback?.url, REDIRECT_URI);
    assertEquals([...new URLSearchParams(await callback?.text()).keys()], ["code", "state"]);
  });
});
