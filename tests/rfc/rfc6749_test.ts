import { assert, assertEquals, assertFalse, assertMatch, assertNotEquals } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { ClerkCliAuth, fetchIdentity, isClerkCliAuthError } from "@clerk/cli-auth";
import { caught, everythingSaidBy } from "../harness/caught.ts";
import { startTestClient, type TestClient } from "../harness/test_client.ts";
import {
  bringHome,
  changedResponse,
  loginWith,
  openerThat,
  visit,
} from "./support/authorization_response.ts";
import { changedAnswer } from "./support/changed_answer.ts";
import { startUntrustedHost } from "./support/untrusted_host.ts";

const TOKEN = "/oauth/token";

let client: TestClient;

beforeEach(async () => {
  client = await startTestClient();
});
afterEach(() => client.close());

/** The authorization request of the last login. */
function authorizationRequest(): URLSearchParams {
  const event = client.events.findLast(({ type }) => type === "authorize_url");
  assert(event?.type === "authorize_url");
  return new URL(event.url).searchParams;
}

/** A login whose token response was changed in transit. */
function loginWithAnswer(change: (body: Record<string, unknown>) => unknown) {
  return client.another({ fetch: changedAnswer(TOKEN, change) }).login();
}

describe("RFC 6749, the authorization request", () => {
  it("section 3.1: MUST NOT include a parameter more than once, nor one without a value", async () => {
    await client.auth.login();
    const names = [...authorizationRequest().keys()];
    assertEquals(names.length, new Set(names).size);
    assertFalse([...authorizationRequest().values()].includes(""));
  });

  it("section 3.1.2: the redirect URI MUST be absolute, and MUST NOT include a fragment", async () => {
    await client.auth.login();
    const { protocol, hash, href } = new URL(authorizationRequest().get("redirect_uri") ?? "");
    assertEquals([protocol, hash, href.includes("#")], ["http:", "", false]);
  });

  it("section 3.3: scopes MUST be space-delimited tokens of allowed characters", async () => {
    await client.another({ scopes: ["email", "offline_access"] }).login();
    assertEquals(authorizationRequest().get("scope"), "email offline_access");
    for (const scope of ["two words", 'quo"te', "back\\slash", "ünicode", ""]) {
      const error = await caught(() => client.another({ scopes: [scope] }));
      assertEquals(error.code, "config");
    }
  });

  it("section 4.1.1: response_type MUST be code, and client_id is REQUIRED", async () => {
    await client.auth.login();
    assertEquals(authorizationRequest().get("response_type"), "code");
    assertEquals(authorizationRequest().get("client_id"), client.config.clientId);
  });

  it("section 10.3: SHOULD request only the configured scope", async () => {
    await client.another({ scopes: ["email", "offline_access"] }).login({ scopes: ["offline_access"] });
    assertEquals(authorizationRequest().get("scope"), "offline_access");
  });

  it("section 10.8: state and scope SHOULD NOT include sensitive information in plain text", async () => {
    await client.auth.login();
    const { accessToken, refreshToken } = client.record() ?? {};
    await client.auth.login();
    const url = authorizationRequest().toString();
    for (const secret of [accessToken, refreshToken]) assertFalse(url.includes(String(secret)));
    assertMatch(authorizationRequest().get("state") ?? "", /^[\w-]{43}$/);
  });

  it("section 10.13: SHOULD use an external browser: the client itself never asks the authorization endpoint", async () => {
    const asked: string[] = [];
    const recording: typeof fetch = (input, init) => {
      asked.push(new URL(String(input)).pathname);
      return fetch(input, init);
    };
    await client.another({ fetch: recording }).login();
    assertEquals(asked, ["/oauth/token", "/oauth/userinfo"]);
    assertEquals(client.requestsTo("authorize").length, 1);
  });
});

describe("RFC 6749, the authorization response", () => {
  it("section 3.1.2.5: the page SHOULD NOT include third-party scripts or credentials", async () => {
    let page = "";
    let code = "";
    const openBrowser = openerThat(async (response) => {
      code = response.searchParams.get("code") ?? "";
      page = (await visit(response)).text;
    });
    await loginWith(client, openBrowser);
    assertMatch(page, /<h1>/);
    assertFalse(/<script|src=|https?:/i.test(page));
    assertFalse(page.includes(code));
  });

  it("section 3.1: repeated parameters MUST NOT be accepted", async () => {
    for (const name of ["code", "state"]) {
      let refused = 0;
      const openBrowser = openerThat(async (response) => {
        const twice = new URL(response);
        twice.searchParams.append(name, response.searchParams.get(name) ?? "");
        refused = (await visit(twice)).status;
        await bringHome(response);
      });
      await loginWith(client, openBrowser);
      assertEquals(refused, 400, name);
    }
  });

  it("section 4.1.2: MUST ignore parameters that it does not recognize", async () => {
    const openBrowser = changedResponse((parameters) => {
      parameters.set("session_state", "abc");
      parameters.set("access_token", "injected");
    });
    const { tokens } = await loginWith(client, openBrowser);
    assertNotEquals(tokens.accessToken, "injected");
  });

  it("section 4.1.2: MUST NOT use the authorization code more than once", async () => {
    client.emulator.faults.add({ endpoint: "token", status: 503, takesEffect: false });
    await caught(() => client.auth.login());
    assertEquals(client.requestsTo("token").length, 1);
    const { code } = client.requestsTo("token")[0]!.form;
    await client.auth.login();
    assertNotEquals(client.requestsTo("token")[1]!.form.code, code);
  });

  it("section 4.1.2: SHOULD avoid assumptions about the size of the code", async () => {
    const long = "c".repeat(4000);
    const openBrowser = changedResponse((parameters) => parameters.set("code", long));
    await caught(() => loginWith(client, openBrowser));
    assertEquals(client.requestsTo("token")[0]!.form.code, long);
  });

  it("section 4.1.2.1: an error response ends the login without a token request", async () => {
    const openBrowser = changedResponse((parameters) => {
      parameters.delete("code");
      parameters.set("error", "access_denied");
    });
    const error = await caught(() => loginWith(client, openBrowser));
    assertEquals([error.code, error.oauthError], ["access_denied", "access_denied"]);
    assertEquals(client.requestsTo("token").length, 0);
  });

  it("section 10.12: MUST protect the redirect URI against cross-site request forgery", async () => {
    const statuses: number[] = [];
    const openBrowser = openerThat(async (response) => {
      for (const state of ["forged", "", response.searchParams.get("state")!.slice(1)]) {
        const forged = new URL(response);
        forged.searchParams.set("code", "of-the-attacker");
        forged.searchParams.set("state", state);
        statuses.push((await visit(forged)).status);
      }
      await bringHome(response);
    });
    await loginWith(client, openBrowser);
    assertEquals(statuses, [400, 400, 400]);
    assertEquals(client.requestsTo("token").map(({ form }) => form.code === "of-the-attacker"), [false]);
  });

  it("section 10.12: the state MUST be unguessable, and new in every request", async () => {
    const states = new Set<string>();
    for (let login = 0; login < 5; login++) {
      await client.auth.login();
      states.add(authorizationRequest().get("state") ?? "");
    }
    assertEquals(states.size, 5);
    // 43 characters of base64url: 256 bits, where section 10.10 asks for 160.
    for (const state of states) assertMatch(state, /^[\w-]{43}$/);
  });

  it("section 10.14: MUST sanitize every value that it receives", async () => {
    const hostile = `"><script>alert(1)</script>\u001b[2J\r\nset-cookie: a=b`;
    let page = "";
    const openBrowser = openerThat(async (response) => {
      response.searchParams.delete("code");
      response.searchParams.set("error", hostile);
      response.searchParams.set("error_description", hostile);
      page = (await visit(response)).text;
    });
    const error = await caught(() => loginWith(client, openBrowser));
    assertFalse(page.includes("<script>"));
    // deno-lint-ignore no-control-regex -- control characters are what must not be there
    assertFalse(/[\u0000-\u001f]/.test(error.message + error.oauthError));
  });
});

describe("RFC 6749, the token request", () => {
  it("section 3.2: MUST use the method POST", async () => {
    await client.auth.login();
    assertEquals(client.requestsTo("token").map(({ method }) => method), ["POST"]);
  });

  it("section 3.2: MUST NOT include a parameter more than once, nor one without a value", async () => {
    await client.auth.login();
    const form = [...new URLSearchParams(client.requestsTo("token")[0]!.body)];
    assertEquals(form.length, new Set(form.map(([name]) => name)).size);
    assertFalse(form.some(([, value]) => value === ""));
  });

  it("section 4.1.3: grant_type MUST be authorization_code, with the code as received", async () => {
    await client.auth.login();
    const { grant_type, code } = client.requestsTo("token")[0]!.form;
    assertEquals(grant_type, "authorization_code");
    assert(code);
  });

  it("section 4.1.3: redirect_uri MUST be identical to that of the authorization request", async () => {
    await client.auth.login();
    const { redirect_uri } = client.requestsTo("token")[0]!.form;
    assertEquals(redirect_uri, authorizationRequest().get("redirect_uri"));
  });

  it("section 3.2.1: a client without credentials MUST send its client_id", async () => {
    await client.auth.login();
    assertEquals(client.requestsTo("token")[0]!.form.client_id, client.config.clientId);
  });

  it("section 2.3: MUST NOT use more than one way to authenticate", async () => {
    await client.auth.login();
    const { headers, form } = client.requestsTo("token")[0]!;
    assertEquals([headers.authorization, form.client_secret, form.client_assertion], [
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("appendix B: parameters MUST be form-urlencoded in UTF-8", async () => {
    const clientId = "naïve & client=1+2%";
    client.emulator.createApplication({ clientId, redirectUris: ["http://127.0.0.1/callback"] });
    await client.another({ clientId }).login();
    const { body, headers } = client.requestsTo("token")[0]!;
    assertMatch(headers["content-type"] ?? "", /^application\/x-www-form-urlencoded/);
    assertEquals(new URLSearchParams(body).get("client_id"), clientId);
    assert(body.includes("na%C3%AFve"));
  });
});

describe("RFC 6749, the token response", () => {
  it("section 5.1: MUST ignore members that it does not recognize", async () => {
    const { tokens } = await loginWithAnswer((body) => ({ ...body, example_parameter: { deep: [1] } }));
    assertFalse("example_parameter" in tokens);
  });

  it("section 5.1: token_type is case-insensitive", async () => {
    for (const token_type of ["bearer", "Bearer", "BEARER"]) {
      assertEquals((await loginWithAnswer((body) => ({ ...body, token_type }))).tokens.tokenType, token_type);
    }
  });

  it("section 5.1: SHOULD avoid assumptions about the size of tokens", async () => {
    const refresh_token = "r".repeat(20_000);
    const { tokens } = await loginWithAnswer((body) => ({ ...body, refresh_token }));
    assertEquals(tokens.refreshToken, refresh_token);
  });

  it("section 7.1: MUST NOT use an access token of a type that it does not understand", async () => {
    for (const token_type of ["mac", "DPoP", "N_A"]) {
      const error = await caught(() => loginWithAnswer((body) => ({ ...body, token_type })));
      assertEquals([error.code, client.entries.size], ["token_exchange", 0]);
    }
    assertEquals(client.requestsTo("userinfo").length, 0);
  });

  it("section 5.2: an error response is an error, whatever else it contains", async () => {
    const error = await caught(() => loginWithAnswer((body) => ({ ...body, error: "invalid_grant" })));
    assertEquals([error.code, error.oauthError, client.entries.size], [
      "token_exchange",
      "invalid_grant",
      0,
    ]);
  });

  it("section 3.3: the granted scope counts if it differs", async () => {
    const { tokens } = await loginWithAnswer((body) => ({ ...body, scope: "email" }));
    assertEquals(tokens.scope, "email");
  });
});

describe("RFC 6749, the refresh", () => {
  it("section 6: grant_type MUST be refresh_token", async () => {
    const { refreshToken } = await client.signIn();
    await client.auth.getAccessToken({ forceRefresh: true });
    const { form } = client.requestsTo("token")[0]!;
    assertEquals([form.grant_type, form.refresh_token], ["refresh_token", refreshToken]);
  });

  it("section 6: the scope MUST NOT exceed the granted one: names none, so all are kept", async () => {
    await client.signIn({ scopes: ["email", "offline_access"] });
    const { scope } = client.record() ?? {};
    await client.another({ scopes: ["profile", "email"] }).getAccessToken({ forceRefresh: true });
    assertEquals("scope" in client.requestsTo("token")[0]!.form, false);
    assertEquals(client.record()?.scope, scope);
  });

  it("section 6: MUST discard the old refresh token if there is a new one", async () => {
    const { refreshToken: old } = await client.signIn();
    await client.auth.getAccessToken({ forceRefresh: true });
    assertNotEquals(client.record()?.refreshToken, old);
    assertFalse([...client.entries.values()].join().includes(old));
    await client.auth.getAccessToken({ forceRefresh: true });
    assertFalse(client.requestsTo("token")[1]!.body.includes(old));
  });

  it("section 6: keeps the refresh token if there is no new one", async () => {
    client.emulator.behavior.rotateRefreshTokens = false;
    const { refreshToken } = await client.signIn();
    await client.auth.getAccessToken({ forceRefresh: true });
    assertEquals(client.record()?.refreshToken, refreshToken);
  });
});

describe("RFC 6749, section 10: confidentiality", () => {
  it("sections 10.3 and 10.4: tokens MUST be sent only over TLS, except on loopback", async () => {
    const { clientId } = client.config;
    for (
      const issuer of ["http://clerk.example.com", "ftp://clerk.example.com", "http://127.0.0.1.example.com"]
    ) {
      assertEquals((await caught(() => new ClerkCliAuth({ clientId, issuer }))).code, "config");
      assertEquals((await caught(() => fetchIdentity({ issuer, accessToken: "oat_1" }))).code, "config");
    }
  });

  it("section 10.9: MUST validate the certificate of the authorization server", async () => {
    const host = await startUntrustedHost();
    try {
      const error = await caught(() => fetchIdentity({ issuer: host.origin, accessToken: "oat_secret" }));
      assertEquals([error.code, host.requests()], ["userinfo", 0]);
    } finally {
      await host.close();
    }
  });

  it("section 10.4: refresh tokens MUST be sent only to the issuer that issued them", async () => {
    const { refreshToken } = await client.signIn();
    const other = await startTestClient({ storage: client.config.storage! });
    try {
      assertEquals(await other.auth.getAccessToken({ forceRefresh: true }), null);
      await other.auth.logout();
      const seen = other.emulator.requests.map(({ body, headers }) => body + JSON.stringify(headers)).join();
      assertFalse(seen.includes(refreshToken));
    } finally {
      await other.close();
    }
  });

  it("sections 10.3, 10.4 and 10.5: tokens and codes MUST be kept confidential: no error repeats them", async () => {
    const { accessToken, refreshToken } = await client.signIn();
    const body = { error: "invalid_scope", error_description: `${refreshToken} and ${accessToken}` };
    client.emulator.faults.add({ endpoint: "token", status: 400, body });
    const error = await client.auth.getAccessToken({ forceRefresh: true }).catch((thrown) => thrown);
    assert(isClerkCliAuthError(error));
    for (const secret of [accessToken, refreshToken]) assertFalse(everythingSaidBy(error).includes(secret));
  });
});
