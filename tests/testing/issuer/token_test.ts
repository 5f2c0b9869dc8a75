import { assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { createEmulator } from "@clerk/cli-auth/testing";
import {
  exchangeCode,
  ISSUER,
  obtainCode,
  obtainTokens,
  OPAQUE,
  postForm,
  refresh,
  userinfo,
} from "../flow.ts";

const basic = (clientId: string, secret: string | null) => ({
  Authorization: `Basic ${btoa(`${clientId}:${secret}`)}`,
});

describe("the token endpoint, given a code", () => {
  it("returns a token set that lasts a day and must not be cached", async () => {
    const emulator = createEmulator();
    const scope = "openid profile email offline_access";
    const { code, codeVerifier } = await obtainCode(emulator, { parameters: { scope } });
    const { status, headers, body } = await exchangeCode(emulator.fetch, { code, codeVerifier });
    assertEquals(status, 200);
    assertEquals(headers.get("cache-control"), "no-store");
    assertEquals(headers.get("content-type"), "application/json");
    assertEquals(Object.keys(body).sort(), [
      "access_token",
      "expires_in",
      "id_token",
      "refresh_token",
      "scope",
      "token_type",
    ]);
    const { expires_in, token_type } = body;
    assertEquals({ expires_in, token_type, scope: body.scope }, {
      expires_in: 86_400,
      scope,
      token_type: "Bearer",
    });
  });

  it("issues no ID token without the scope openid", async () => {
    const { id_token } = await obtainTokens(createEmulator({ behavior: OPAQUE }), {
      scope: "profile offline_access",
    });
    assertEquals(id_token, undefined);
  });

  it("issues no refresh token without offline_access, unless the behavior says so", async () => {
    const emulator = createEmulator({ behavior: OPAQUE });
    assertEquals((await obtainTokens(emulator, { scope: "profile" })).refresh_token, undefined);
    emulator.behavior.refreshTokenNeedsOfflineAccess = false;
    assertEquals(typeof (await obtainTokens(emulator, { scope: "profile" })).refresh_token, "string");
  });

  it("omits expires_in and writes 'bearer' if the behavior says so", async () => {
    const emulator = createEmulator({ behavior: { ...OPAQUE, omitExpiresIn: true, tokenType: "bearer" } });
    const { expires_in, token_type } = await obtainTokens(emulator);
    assertEquals([expires_in, token_type], [undefined, "bearer"]);
  });

  it("accepts a code once, and its second use revokes the tokens of the first", async () => {
    const emulator = createEmulator({ behavior: OPAQUE });
    const { code, codeVerifier } = await obtainCode(emulator);
    const { body } = await exchangeCode(emulator.fetch, { code, codeVerifier });
    assertEquals((await userinfo(emulator.fetch, body.access_token)).status, 200);
    const second = await exchangeCode(emulator.fetch, { code, codeVerifier });
    assertEquals([second.status, second.body.error], [400, "invalid_grant"]);
    assertEquals((await userinfo(emulator.fetch, body.access_token)).status, 401);
    assertEquals((await refresh(emulator.fetch, body.refresh_token)).body.error, "invalid_grant");
  });

  it("accepts a code for 10 minutes", async () => {
    let now = Date.now();
    const emulator = createEmulator({ behavior: OPAQUE, now: () => now });
    const inTime = await obtainCode(emulator);
    const late = await obtainCode(emulator);
    now += 10 * 60 * 1000 - 1;
    assertEquals((await exchangeCode(emulator.fetch, inTime)).status, 200);
    now += 1;
    assertEquals((await exchangeCode(emulator.fetch, late)).body.error, "invalid_grant");
  });

  it("requires the redirect URI of the authorization request, byte for byte", async () => {
    const emulator = createEmulator({ behavior: OPAQUE });
    for (const redirect_uri of ["http://127.0.0.1:10/callback", "http://127.0.0.1:9/callback?", undefined]) {
      const answer = await exchangeCode(emulator.fetch, { ...await obtainCode(emulator), redirect_uri });
      assertEquals([answer.status, answer.body.error], [400, "invalid_grant"]);
    }
  });

  it("requires the right code verifier, and a wrong one uses up the code", async () => {
    const emulator = createEmulator({ behavior: OPAQUE });
    const { code, codeVerifier } = await obtainCode(emulator);
    const wrong = await exchangeCode(emulator.fetch, { code, codeVerifier: "x".repeat(43) });
    assertEquals([wrong.status, wrong.body.error], [400, "invalid_grant"]);
    assertEquals((await exchangeCode(emulator.fetch, { code, codeVerifier })).body.error, "invalid_grant");
    assertEquals(
      (await exchangeCode(emulator.fetch, await obtainCode(emulator).then(({ code }) => ({ code }))))
        .body.error,
      "invalid_grant",
    );
  });

  it("rejects another client's code", async () => {
    const emulator = createEmulator({ behavior: OPAQUE });
    const { clientId } = emulator.createApplication();
    const answer = await exchangeCode(emulator.fetch, { ...await obtainCode(emulator), client_id: clientId });
    assertEquals([answer.status, answer.body.error], [400, "invalid_grant"]);
  });

  it("responds 401 with invalid_grant if the behavior says so", async () => {
    const emulator = createEmulator({ behavior: { ...OPAQUE, invalidGrantStatus: 401 } });
    assertEquals((await exchangeCode(emulator.fetch, { code: "unknown" })).status, 401);
  });
});

describe("the token endpoint", () => {
  const refused: [string, Record<string, string | undefined>, number, string][] = [
    ["no grant type", { grant_type: undefined }, 400, "invalid_request"],
    ["another grant type", { grant_type: "client_credentials" }, 401, "unsupported_grant_type"],
    ["no code", { code: undefined }, 400, "invalid_request"],
    ["an unknown code", { code: "unknown" }, 400, "invalid_grant"],
    ["a refresh without a token", { grant_type: "refresh_token" }, 400, "invalid_request"],
    ["no client", { client_id: undefined }, 401, "invalid_client"],
    ["an unknown client", { client_id: "nobody" }, 401, "invalid_client"],
  ];
  for (const [what, parameters, status, error] of refused) {
    it(`rejects ${what} with ${status} ${error}`, async () => {
      const answer = await exchangeCode(
        createEmulator({ behavior: OPAQUE }).fetch,
        { code: "unknown", ...parameters } as { code: string },
      );
      assertEquals([answer.status, answer.body.error], [status, error]);
      assertEquals(typeof answer.body.error_description, "string");
    });
  }

  it("rejects JSON, and a repeated parameter", async () => {
    const { fetch } = createEmulator({ behavior: OPAQUE });
    const url = `${ISSUER}/oauth/token`;
    const headers = { "Content-Type": "application/json" };
    const json = await fetch(new Request(url, { method: "POST", headers, body: '{"grant_type":"x"}' }));
    assertEquals([json.status, (await json.json()).error], [400, "invalid_request"]);
    const body = new URLSearchParams([["client_id", "emulator-cli"], ["client_id", "emulator-cli"]]);
    const repeated = await fetch(new Request(url, { method: "POST", body }));
    assertEquals([repeated.status, (await repeated.json()).error], [400, "invalid_request"]);
  });

  it("authenticates a confidential client only with client_secret_basic and client_secret_post", async () => {
    const emulator = createEmulator({ behavior: OPAQUE });
    const { clientId, clientSecret } = emulator.createApplication({ public: false });
    const url = `${ISSUER}/oauth/token`;
    const exchange = async (client: Record<string, string>, headers: Record<string, string> = {}) => {
      const { code, codeVerifier } = await obtainCode(emulator, { parameters: { client_id: clientId } });
      const redirect_uri = "http://127.0.0.1:9/callback";
      const form = {
        grant_type: "authorization_code",
        code,
        code_verifier: codeVerifier,
        redirect_uri,
        ...client,
      };
      return await postForm(emulator.fetch, url, { form, headers });
    };
    assertEquals((await exchange({}, basic(clientId, clientSecret))).status, 200);
    assertEquals((await exchange({ client_id: clientId, client_secret: clientSecret ?? "" })).status, 200);
    assertEquals((await exchange({ client_id: clientId })).status, 401);
    assertEquals((await exchange({ client_id: clientId, client_secret: "wrong" })).status, 401);
    const wrong = await exchange({}, basic(clientId, "wrong"));
    assertEquals([wrong.status, wrong.body.error], [401, "invalid_client"]);
    assertEquals(wrong.headers.get("www-authenticate")?.startsWith("Basic"), true);
    assertEquals((await exchange({}, { Authorization: "Basic %%%" })).status, 401);
  });
});

describe("the token endpoint, given a refresh token", () => {
  it("rotates it: the new one works, the old one is invalid_grant", async () => {
    const emulator = createEmulator({ behavior: OPAQUE });
    const first = await obtainTokens(emulator);
    const second = await refresh(emulator.fetch, first.refresh_token);
    assertEquals(second.status, 200);
    assertNotEquals(second.body.refresh_token, first.refresh_token);
    assertNotEquals(second.body.access_token, first.access_token);
    assertEquals((await refresh(emulator.fetch, second.body.refresh_token)).status, 200);
    const reuse = await refresh(emulator.fetch, first.refresh_token);
    assertEquals([reuse.status, reuse.body.error], [400, "invalid_grant"]);
  });

  it("revokes the whole family on reuse, unless the behavior says otherwise", async () => {
    for (const reuseRevokesFamily of [true, false]) {
      const emulator = createEmulator({ behavior: { ...OPAQUE, reuseRevokesFamily } });
      const first = await obtainTokens(emulator);
      const second = await refresh(emulator.fetch, first.refresh_token);
      await refresh(emulator.fetch, first.refresh_token);
      const third = await refresh(emulator.fetch, second.body.refresh_token);
      assertEquals(third.status, reuseRevokesFamily ? 400 : 200);
    }
  });

  it("accepts only one of many concurrent uses", async () => {
    const emulator = createEmulator({ behavior: { ...OPAQUE, reuseRevokesFamily: false } });
    const { refresh_token } = await obtainTokens(emulator);
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => refresh(emulator.fetch, refresh_token)),
    );
    assertEquals(answers.map(({ status }) => status).sort(), [200, 400, 400, 400, 400, 400, 400, 400]);
  });

  it("keeps it, and returns none, if the behavior says no rotation", async () => {
    const emulator = createEmulator({ behavior: { ...OPAQUE, rotateRefreshTokens: false } });
    const { refresh_token } = await obtainTokens(emulator);
    for (let use = 0; use < 2; use++) {
      const { status, body } = await refresh(emulator.fetch, refresh_token);
      assertEquals([status, body.refresh_token], [200, undefined]);
    }
  });

  it("narrows the scope, never widens it, and keeps it for the next refresh", async () => {
    const emulator = createEmulator({ behavior: OPAQUE });
    const { refresh_token } = await obtainTokens(emulator, { scope: "profile email offline_access" });
    const wider = await refresh(emulator.fetch, refresh_token, { scope: "profile public_metadata" });
    assertEquals([wider.status, wider.body.error], [400, "invalid_scope"]);
    const narrower = await refresh(emulator.fetch, refresh_token, { scope: "email" });
    assertEquals(narrower.body.scope, "email");
    const { body } = await userinfo(emulator.fetch, narrower.body.access_token);
    assertEquals([body.email, body.name], ["ada@example.com", undefined]);
    const next = await refresh(emulator.fetch, narrower.body.refresh_token);
    assertEquals(next.body.scope, "profile email offline_access");
  });

  it("fails with invalid_scope once a granted scope is gone, and works again when it is back", async () => {
    const emulator = createEmulator({ behavior: OPAQUE });
    const { application } = emulator;
    application.scopes.push("notes:write");
    const { refresh_token } = await obtainTokens(emulator, { scope: "notes:write offline_access" });
    application.scopes.pop();
    const refused = await refresh(emulator.fetch, refresh_token);
    assertEquals([refused.status, refused.body.error], [400, "invalid_scope"]);
    assertStringIncludes(String(refused.body.error_description), "'notes:write'");
    application.scopes.push("notes:write");
    assertEquals((await refresh(emulator.fetch, refresh_token)).status, 200);
  });

  it("revokes the earlier access tokens, unless the behavior says otherwise", async () => {
    for (const refreshRevokesAccessTokens of [true, false]) {
      const emulator = createEmulator({ behavior: { ...OPAQUE, refreshRevokesAccessTokens } });
      const first = await obtainTokens(emulator);
      const second = await refresh(emulator.fetch, first.refresh_token);
      assertEquals(
        (await userinfo(emulator.fetch, first.access_token)).status,
        refreshRevokesAccessTokens ? 401 : 200,
      );
      assertEquals((await userinfo(emulator.fetch, second.body.access_token)).status, 200);
    }
  });

  it("does not outlive its user, and rejects another client's token", async () => {
    const emulator = createEmulator({ behavior: OPAQUE });
    const { refresh_token } = await obtainTokens(emulator);
    const { clientId } = emulator.createApplication();
    const other = await refresh(emulator.fetch, refresh_token, { client_id: clientId });
    assertEquals(other.body.error, "invalid_grant");
    assertEquals(emulator.revokeGrants({ user: emulator.user }), 1);
    assertEquals((await refresh(emulator.fetch, refresh_token)).body.error, "invalid_grant");
  });

  it("still works after ten years", async () => {
    let now = Date.now();
    const emulator = createEmulator({ behavior: OPAQUE, now: () => now });
    const { refresh_token } = await obtainTokens(emulator);
    now += 10 * 365 * 86_400_000;
    assertEquals((await refresh(emulator.fetch, refresh_token)).status, 200);
  });
});
