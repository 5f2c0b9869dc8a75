import { assertEquals } from "@std/assert";
import { afterAll, beforeEach, describe, it } from "@std/testing/bdd";
import { createEmulator, createScriptedBrowser, type Emulator } from "@clerk/cli-auth/testing";
import { authorizationUrl, exchangeCode, ISSUER, obtainCode } from "../flow.ts";
import { CLERK_CONTRACT, EMPTY, UNSPECIFIED } from "./clerk_contract.ts";
import { differences } from "./shape.ts";

/** Responses that the emulator never sends: plans, permissions, conflicts, and conditions that it ignores. */
const NEVER_ANSWERED: Readonly<Record<string, readonly number[]>> = {
  "GET /users": [400, 401],
  "POST /users": [401],
  "GET /users/count": [422],
  "GET /users/:id": [400, 401],
  "PATCH /users/:id": [401],
  "DELETE /users/:id": [400, 401],
  "GET /organizations": [400, 403],
  "POST /organizations": [403],
  "GET /organizations/:id": [403],
  "PATCH /organizations/:id": [403],
  "GET /organizations/:id/memberships": [401],
  "GET /machines": [400, 401, 403],
  "POST /machines": [401, 403],
  "GET /machines/:id": [400, 401, 403, 422],
  "PATCH /machines/:id": [401, 403],
  "DELETE /machines/:id": [400, 401, 403],
  "GET /api_keys": [404],
  "POST /api_keys": [409],
  "GET /api_keys/:id": [400],
  "DELETE /api_keys/:id": [400],
  "GET /api_keys/:id/secret": [400],
  "GET /oauth_applications": [400, 403],
  "POST /oauth_applications": [403],
  "GET /oauth_applications/:id": [403],
  "PATCH /oauth_applications/:id": [403],
  "DELETE /oauth_applications/:id": [403],
  "POST /oauth_applications/:id/revoke_token": [403],
};

interface Sent {
  /** The value of `:id` in the path. */
  id?: string;
  query?: Record<string, string>;
  form?: Record<string, string | undefined>;
  json?: unknown;
  headers?: Record<string, string>;
}

type Body = Record<string, unknown>;

describe("the emulator keeps Clerk's published contract", () => {
  const seen = new Set<string>();
  let emulator: Emulator;
  beforeEach(() => {
    emulator = createEmulator();
  });

  /** Sends a request, expects a status, and checks the response against the contract. */
  async function call(
    endpoint: string,
    status: number,
    { id = "", query = {}, form, json, headers = {} }: Sent = {},
  ): Promise<Body> {
    const [method = "", template = ""] = endpoint.split(" ");
    const url = new URL(template.replace(":id", id), ISSUER);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const request = new Request(url, {
      method,
      headers: { Authorization: `Bearer ${emulator.secretKey}`, ...headers },
      ...form && { body: new URLSearchParams(Object.entries(form).filter(isSet)) },
      ...json !== undefined && { body: typeof json === "string" ? json : JSON.stringify(json) },
    });
    const response = await emulator.fetch(request);
    const text = await response.text();
    assertEquals([endpoint, response.status, text.slice(0, 500)], [endpoint, status, text.slice(0, 500)]);
    seen.add(`${endpoint} ${status}`);
    const expected = CLERK_CONTRACT[endpoint]?.[status];
    if (expected === undefined) throw new Error(`Clerk documents no status ${status} for ${endpoint}`);
    if (expected === UNSPECIFIED) return {};
    if (expected === EMPTY) {
      assertEquals(text, "");
      return {};
    }
    assertEquals(response.headers.get("content-type"), "application/json");
    const body = JSON.parse(text);
    assertEquals(differences(body, expected), [], endpoint);
    return body;
  }

  afterAll(() => {
    const answers = Object.entries(CLERK_CONTRACT).flatMap(([endpoint, statuses]) =>
      Object.keys(statuses)
        .filter((status) => !NEVER_ANSWERED[endpoint]?.includes(Number(status)))
        .map((status) => `${endpoint} ${status}`)
    );
    assertEquals(answers.filter((answer) => !seen.has(answer)), []);
  });

  it("in its metadata and its keys", async () => {
    for (const change of [{}, { deviceGrant: false }, { dynamicClientRegistration: true }]) {
      Object.assign(emulator.behavior, change);
      await call("GET /.well-known/openid-configuration", 200);
      await call("GET /.well-known/oauth-authorization-server", 200);
    }
    await call("GET /.well-known/jwks.json", 200);
    await call("GET /jwks", 200);
  });

  it("at the authorization endpoint", async () => {
    const { url } = await authorizationUrl({});
    const parameters = Object.fromEntries(new URL(url).searchParams);
    await call("GET /oauth/authorize", 303, { query: parameters });
    await call("GET /oauth/authorize", 400, {
      query: { ...parameters, redirect_uri: "https://evil.example/" },
    });
    await call("GET /oauth/authorize", 401, { query: { ...parameters, client_id: "nobody" } });
    const wrong = { ...parameters, response_mode: "form_post", prompt: "none" };
    await call("GET /oauth/authorize", 200, { query: wrong });
    await call("POST /oauth/authorize", 303, { form: parameters });
    await call("POST /oauth/authorize", 400, {
      form: { ...parameters, redirect_uri: "https://evil.example/" },
    });
    await call("POST /oauth/authorize", 401, { form: { ...parameters, client_id: "nobody" } });
    await call("POST /oauth/authorize", 200, { form: wrong });
  });

  it("at the token endpoint", async () => {
    const scope = "openid profile email offline_access";
    const client = { client_id: "emulator-cli", redirect_uri: "http://127.0.0.1:9/callback" };
    const { code, codeVerifier } = await obtainCode(emulator, { parameters: { scope } });
    const exchange = { ...client, grant_type: "authorization_code", code, code_verifier: codeVerifier };
    const { refresh_token } = await call("POST /oauth/token", 200, { form: exchange });
    const refresh = { ...client, grant_type: "refresh_token", refresh_token: String(refresh_token) };
    await call("POST /oauth/token", 400, { form: { ...refresh, scope: "public_metadata" } });
    await call("POST /oauth/token", 400, { form: { ...refresh, resource: "https://api.example.com" } });
    await call("POST /oauth/token", 200, { form: refresh });
    await call("POST /oauth/token", 400, { form: refresh });
    await call("POST /oauth/token", 400, { form: exchange });
    await call("POST /oauth/token", 400, { json: {} });
    await call("POST /oauth/token", 401, { form: { ...exchange, client_id: "nobody" } });
    await call("POST /oauth/token", 401, { form: { ...client, grant_type: "password" } });
    emulator.behavior.invalidGrantStatus = 401;
    await call("POST /oauth/token", 401, { form: refresh });
  });

  it("in the device grant", async () => {
    const client = { client_id: "emulator-cli" };
    const begin = () =>
      call("POST /oauth/device_authorization", 200, { form: { ...client, scope: "openid user:org:read" } });
    const poll = (status: number, { device_code }: Body) =>
      call("POST /oauth/token", status, {
        form: {
          ...client,
          grant_type: "urn:ietf:params:oauth:grant-type:device_code",
          device_code: String(device_code),
        },
      });
    const browser = createScriptedBrowser({ fetch: emulator.fetch });
    const allowed = await begin();
    assertEquals((await poll(400, allowed)).error, "authorization_pending");
    assertEquals((await poll(400, allowed)).error, "slow_down");
    emulator.behavior.devicePollIntervalSeconds = 0;
    const [second, denied] = [await begin(), await begin()];
    await browser.signIn(String(second.verification_uri_complete));
    await browser.signIn(String(denied.verification_uri_complete), { decision: "deny" });
    await poll(200, second);
    assertEquals((await poll(400, second)).error, "invalid_grant");
    assertEquals((await poll(400, denied)).error, "access_denied");
    emulator.behavior.deviceCodeLifetimeSeconds = 0;
    assertEquals((await poll(400, await begin())).error, "expired_token");
    await call("POST /oauth/device_authorization", 400, { form: { ...client, nonce: "short" } });
    await call("POST /oauth/device_authorization", 400, { form: { ...client, scope: "nonsense" } });
    await call("POST /oauth/device_authorization", 401, { form: { client_id: "nobody" } });
    emulator.application.deviceGrantEnabled = false;
    await call("POST /oauth/device_authorization", 400, { form: client });
    assertEquals((await poll(400, allowed)).error, "unauthorized_client");
    emulator.behavior.deviceGrant = false;
    assertEquals((await poll(401, allowed)).error, "unsupported_grant_type");
  });

  it("when it revokes a token: a rotated refresh token leaves the grant alive", async () => {
    const revoke = (status: number, token: string) =>
      call("POST /oauth/token/revoke", status, { form: { client_id: "emulator-cli", token } });
    const { accessToken, refreshToken } = await emulator.issueTokens();
    assertEquals((await revoke(400, accessToken)).error, "unsupported_token_type");
    const form = { grant_type: "refresh_token", client_id: "emulator-cli", refresh_token: refreshToken };
    const { refresh_token } = await call("POST /oauth/token", 200, { form });
    await revoke(200, refreshToken);
    await call("POST /oauth/token", 200, { form: { ...form, refresh_token: String(refresh_token) } });
    await revoke(200, "unknown");
    await call("POST /oauth/token/revoke", 401, { form: { client_id: "nobody", token: "unknown" } });
  });

  it("in introspection", async () => {
    const application = emulator.createApplication({ public: false });
    const headers = { Authorization: `Basic ${btoa(`${application.clientId}:${application.clientSecret}`)}` };
    const { organization } = emulator;
    const tokens = await emulator.issueTokens({ application, organization, scopes: ["user:org:read"] });
    for (const token of [tokens.accessToken, tokens.refreshToken]) {
      const { active, org_id } = await call("POST /oauth/token_info", 200, { form: { token }, headers });
      assertEquals([active, org_id], [true, organization.id]);
    }
    for (const form of [{ token: "unknown" }, {}]) {
      assertEquals(await call("POST /oauth/token_info", 200, { form, headers }), { active: false });
    }
    await call("POST /oauth/token_info", 401, { form: { token: "unknown" } });
  });

  it("in userinfo", async () => {
    const scopes = ["email", "profile", "public_metadata", "private_metadata", "user:org:read"];
    const nameless = emulator.createUser({ email: null });
    for (const options of [{ organization: emulator.organization }, { user: nameless }]) {
      const { accessToken } = await emulator.issueTokens({ scopes, ...options });
      const headers = { Authorization: `Bearer ${accessToken}` };
      await call("GET /oauth/userinfo", 200, { headers });
      await call("POST /oauth/userinfo", 200, { headers });
    }
    await call("GET /oauth/userinfo", 401, { headers: { Authorization: "Bearer nonsense" } });
    await call("POST /oauth/userinfo", 401, { form: { access_token: "nonsense" } });
  });

  it("when a client registers itself, if that is enabled", async () => {
    const redirect_uris = ["http://127.0.0.1/callback"];
    await call("POST /oauth/register", 422, { json: { redirect_uris } });
    await call("PATCH /instance/oauth_application_settings", 200, {
      json: { dynamic_oauth_client_registration: true },
    });
    const minimal = await call("POST /oauth/register", 201, { json: { redirect_uris } });
    assertEquals([minimal.client_name, minimal.scope], [minimal.client_id, "profile email"]);
    const client = await call("POST /oauth/register", 201, {
      json: {
        redirect_uris,
        token_endpoint_auth_method: "none",
        client_name: "Self-made",
        client_uri: "https://cli.example.com",
        logo_uri: "https://cli.example.com/logo.png",
        scope: "openid email",
      },
    });
    const { code, codeVerifier } = await obtainCode(emulator, {
      parameters: { client_id: String(client.client_id), scope: "openid email" },
    });
    const answer = await exchangeCode(emulator.fetch, {
      code,
      codeVerifier,
      client_id: String(client.client_id),
    });
    assertEquals(answer.status, 200);
    const wrong = [
      {},
      { redirect_uris: [] },
      { redirect_uris: ["/callback"] },
      { redirect_uris: ["https://a.example/#b"] },
    ];
    for (const json of wrong) {
      assertEquals((await call("POST /oauth/register", 400, { json })).error, "invalid_redirect_uri");
    }
    const unusable = [
      { token_endpoint_auth_method: "private_key_jwt" },
      { client_name: "n".repeat(257) },
      { client_uri: "nowhere" },
      { scope: "nonsense" },
    ];
    for (const json of unusable) {
      const body = await call("POST /oauth/register", 400, { json: { redirect_uris, ...json } });
      assertEquals(body.error, "invalid_client_metadata");
    }
    await call("POST /oauth/register", 400, { json: "{" });
  });

  it("for users", async () => {
    const created = await call("POST /users", 200, {
      json: { email_address: ["grace@example.com"], username: "grace", external_id: "7" },
    });
    const id = String(created.id);
    await call("POST /users", 422, { json: { username: "grace" } });
    await call("POST /users", 400, { json: "[]" });
    emulator.createUser({ email: null });
    emulator.createUser({ emailVerified: false, otherEmails: ["also@example.com"] });
    await call("GET /users", 200);
    await call("GET /users", 422, { query: { limit: "0" } });
    await call("GET /users/count", 200, { query: { query: "GRACE" } });
    await call("GET /users/:id", 200, { id });
    await call("GET /users/:id", 404, { id: "user_unknown" });
    const updated = await call("PATCH /users/:id", 200, {
      id,
      json: { first_name: "Grace", username: null },
    });
    assertEquals([updated.first_name, updated.username, updated.external_id], ["Grace", null, "7"]);
    await call("PATCH /users/:id", 422, { id, json: { username: "ada" } });
    await call("PATCH /users/:id", 400, { id, json: "nonsense" });
    await call("PATCH /users/:id", 404, { id: "user_unknown", json: {} });
    await call("DELETE /users/:id", 200, { id });
    await call("DELETE /users/:id", 404, { id });
  });

  it("for organizations and their members", async () => {
    const { user } = emulator;
    const created_by = user.id;
    const created = await call("POST /organizations", 200, { json: { name: "Two", created_by } });
    const id = String(created.id);
    const other = await call("POST /organizations", 200, {
      json: { name: "Two", max_allowed_memberships: 1 },
    });
    assertEquals([created.slug, other.slug], ["two", "two-2"]);
    await call("POST /organizations", 422, { json: { name: "Two", slug: "two" } });
    await call("POST /organizations", 422, { json: { name: "Two", created_by: "user_unknown" } });
    await call("POST /organizations", 400, { json: "nonsense" });
    await call("GET /organizations", 200);
    await call("GET /organizations", 422, { query: { limit: "501" } });
    await call("GET /organizations/:id", 200, { id: "two" });
    await call("GET /organizations/:id", 404, { id: "unknown" });
    const updated = await call("PATCH /organizations/:id", 200, { id, json: { name: "One", slug: "two" } });
    assertEquals([updated.name, updated.slug], ["One", "two"]);
    await call("PATCH /organizations/:id", 422, { id, json: { slug: "two-2" } });
    await call("PATCH /organizations/:id", 400, { id, json: "nonsense" });
    await call("PATCH /organizations/:id", 404, { id: "unknown", json: {} });

    const role = "org:member";
    const add = (status: number, json: unknown, organization = id) =>
      call("POST /organizations/:id/memberships", status, { id: organization, json });
    await add(200, { user_id: emulator.createUser().id, role, public_metadata: { team: "a" } });
    await add(400, { user_id: user.id, role });
    await add(422, { user_id: user.id });
    await add(404, { user_id: "user_unknown", role });
    await add(404, { user_id: user.id, role }, "unknown");
    await add(200, { user_id: user.id, role }, String(other.id));
    await add(403, { user_id: emulator.createUser().id, role }, String(other.id));
    const list = await call("GET /organizations/:id/memberships", 200, { id });
    assertEquals((list.data as Body[]).map((membership) => membership.role), ["org:member", "org:admin"]);
    await call("GET /organizations/:id/memberships", 422, { id: "unknown" });
    const { total_count } = await call("GET /users/:id/organization_memberships", 200, { id: user.id });
    assertEquals(total_count, 3);
    await call("GET /users/:id/organization_memberships", 403, { id: "user_unknown" });
    await call("DELETE /organizations/:id", 200, { id });
    await call("DELETE /organizations/:id", 404, { id });
  });

  it("for machines", async () => {
    const callee = emulator.createMachine();
    const { id: created } = await call("POST /machines", 200, {
      json: { name: "Worker", scoped_machines: [callee.id] },
    });
    const id = String(created);
    await call("POST /machines", 422, { json: { name: "n".repeat(256) } });
    await call("POST /machines", 400, { json: "nonsense" });
    await call("GET /machines", 200, { query: { query: "work" } });
    await call("GET /machines", 422, { query: { offset: "-1" } });
    await call("GET /machines/:id", 200, { id });
    await call("GET /machines/:id", 404, { id: "mch_unknown" });
    const updated = await call("PATCH /machines/:id", 200, { id, json: { default_token_ttl: 60 } });
    assertEquals([updated.name, updated.default_token_ttl], ["Worker", 60]);
    await call("PATCH /machines/:id", 422, { id, json: { default_token_ttl: 0 } });
    await call("PATCH /machines/:id", 400, { id, json: "nonsense" });
    await call("PATCH /machines/:id", 404, { id: "mch_unknown", json: {} });
    await call("DELETE /machines/:id", 200, { id });
    await call("DELETE /machines/:id", 404, { id });
  });

  it("for API keys", async () => {
    const subject = emulator.user.id;
    const created = await call("POST /api_keys", 200, {
      json: { name: "Deploy", subject, created_by: subject, claims: { a: 1 }, seconds_until_expiration: 60 },
    });
    const [id, secret] = [String(created.id), String(created.secret)];
    for (
      const json of [
        { name: "x", subject },
        { name: "Deploy" },
        { name: "Deploy", subject: "ada" },
        "nonsense",
      ]
    ) {
      await call("POST /api_keys", 400, { json });
    }
    await call("GET /api_keys", 200, { query: { subject } });
    await call("GET /api_keys", 400);
    await call("GET /api_keys", 400, { query: { subject, limit: "101" } });
    await call("GET /api_keys/:id", 200, { id });
    await call("GET /api_keys/:id", 404, { id: "ak_unknown" });
    await call("GET /api_keys/:id/secret", 200, { id });
    await call("GET /api_keys/:id/secret", 404, { id: "ak_unknown" });
    await call("PATCH /api_keys/:id", 200, { id, json: { scopes: ["read"], claims: null } });
    await call("PATCH /api_keys/:id", 400, { id, json: { scopes: "read" } });
    await call("PATCH /api_keys/:id", 404, { id: "ak_unknown", json: {} });
    await call("POST /api_keys/verify", 200, { json: { secret } });
    await call("POST /api_keys/verify", 400, { json: {} });
    await call("POST /api_keys/verify", 404, { json: { secret: "ak_unknown" } });
    await call("POST /api_keys/:id/revoke", 200, { id, json: { revocation_reason: "test" } });
    await call("POST /api_keys/:id/revoke", 400, { id, json: { revocation_reason: 1 } });
    await call("POST /api_keys/:id/revoke", 404, { id: "ak_unknown" });
    await call("POST /api_keys/verify", 404, { json: { secret } });
    emulator.behavior.deadTokens = "marked";
    assertEquals((await call("POST /api_keys/verify", 200, { json: { secret } })).revoked, true);
    await call("DELETE /api_keys/:id", 200, { id });
    await call("DELETE /api_keys/:id", 404, { id });
  });

  it("for OAuth applications", async () => {
    const create = (json: unknown, status = 200) => call("POST /oauth_applications", status, { json });
    const application = await create({ name: "Web", redirect_uris: ["https://app.example.com/callback"] });
    assertEquals(application.callback_url, "https://app.example.com/callback");
    assertEquals(typeof application.client_secret, "string");
    const uri = "http://127.0.0.1/callback";
    const device_authorization_grant_enabled = true;
    const cli = await create({
      name: "CLI",
      callback_url: uri,
      public: true,
      device_authorization_grant_enabled,
    });
    assertEquals([cli.redirect_uris, cli.client_secret], [[uri], undefined]);
    assertEquals([cli.pkce_required, cli.device_authorization_grant_enabled], [true, true]);
    assertEquals([application.scopes, application.device_authorization_grant_enabled], [
      "profile email",
      false,
    ]);
    await create({ redirect_uris: [] }, 422);
    await create({ name: "Web", redirect_uris: ["nowhere"] }, 422);
    await create("nonsense", 400);
    const byName = await call("GET /oauth_applications", 200, { query: { name_query: "cli" } });
    const byClient = await call("GET /oauth_applications", 200, {
      query: { name_query: String(cli.client_id) },
    });
    assertEquals([byName.total_count, byClient.total_count], [2, 1]);
    await call("GET /oauth_applications", 422, { query: { limit: "many" } });

    const id = String(cli.id);
    await call("GET /oauth_applications/:id", 200, { id });
    await call("GET /oauth_applications/:id", 404, { id: "unknown" });
    const updated = await call("PATCH /oauth_applications/:id", 200, {
      id,
      json: { scopes: "openid notes:write", consent_screen_enabled: false },
    });
    assertEquals([updated.scopes, updated.consent_screen_enabled, updated.public], [
      "openid notes:write",
      false,
      true,
    ]);
    await call("PATCH /oauth_applications/:id", 422, { id, json: { public: "yes" } });
    await call("PATCH /oauth_applications/:id", 400, { id, json: "nonsense" });
    await call("PATCH /oauth_applications/:id", 404, { id: "unknown", json: {} });
    await call("DELETE /oauth_applications/:id", 200, { id });
    await call("DELETE /oauth_applications/:id", 404, { id });
  });

  it("when a backend revokes an OAuth token", async () => {
    const revoke = (status: number, json: unknown, id = emulator.application.id) =>
      call("POST /oauth_applications/:id/revoke_token", status, { id, json });
    const opaque = await emulator.issueTokens({ format: "opaque" });
    await revoke(204, { token: opaque.accessToken });
    const form = {
      grant_type: "refresh_token",
      client_id: "emulator-cli",
      refresh_token: opaque.refreshToken,
    };
    assertEquals((await call("POST /oauth/token", 400, { form })).error, "invalid_grant");
    const { accessToken, refreshToken } = await emulator.issueTokens();
    await revoke(400, { token: accessToken });
    await revoke(404, { token: refreshToken }, emulator.createApplication().id);
    await revoke(404, { token: refreshToken }, "unknown");
    await revoke(204, { token: refreshToken });
    await revoke(404, { token: "unknown" });
    await revoke(422, {});
  });

  it("when it verifies an access token, in both shapes", async () => {
    const verify = (status: number, json: unknown) =>
      call("POST /oauth_applications/access_tokens/verify", status, { json });
    for (const format of ["jwt", "opaque"] as const) {
      const { accessToken } = await emulator.issueTokens({ format, audience: "https://api.example.com" });
      assertEquals((await verify(200, { access_token: accessToken })).subject, emulator.user.id);
    }
    const expiredJwt = await emulator.issueTokens({ format: "jwt", lifetimeSeconds: -1 });
    assertEquals(await verify(200, { access_token: expiredJwt.accessToken }), { active: false });
    const expired = await emulator.issueTokens({ format: "opaque", lifetimeSeconds: -1 });
    await verify(404, { access_token: expired.accessToken });
    emulator.behavior.deadTokens = "marked";
    assertEquals((await verify(200, { access_token: expired.accessToken })).expired, true);
    await verify(404, { access_token: "oat_unknown" });
    await verify(400, {});
  });

  it("for the settings of OAuth applications", async () => {
    await call("GET /instance/oauth_application_settings", 200);
    const change = (status: number, json: unknown) =>
      call("PATCH /instance/oauth_application_settings", status, { json });
    await change(200, {
      oauth_jwt_access_tokens: false,
      default_scopes: ["openid", "openid", "email"],
      client_id_metadata_documents_advertised: true,
    });
    const settings = await call("GET /instance/oauth_application_settings", 200);
    assertEquals([settings.oauth_jwt_access_tokens, settings.default_scopes], [false, ["openid", "email"]]);
    assertEquals(emulator.behavior.accessTokenFormat, "opaque");
    const metadata = await call("GET /.well-known/oauth-authorization-server", 200);
    assertEquals(metadata.client_id_metadata_document_supported, true);
    await change(422, { default_scopes: "openid" });
    await change(422, "nonsense");
    assertEquals((await change(200, { default_scopes: null })).default_scopes, null);
  });
});

function isSet(entry: [string, string | undefined]): entry is [string, string] {
  return entry[1] !== undefined;
}
