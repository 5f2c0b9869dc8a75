import { type ClerkClient, createClerkClient } from "@clerk/backend";
import { ClerkCliAuth, isClerkCliAuthError } from "@clerk/cli-auth";
import { assert, assertEquals } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import process from "node:process";
import { type ClerkInstance, openClerkInstance } from "./support/clerk_instance.ts";

/** What an instance does where Clerk's documents leave it open. It is printed at the end of `deno task test:live`. */
const report: Record<string, unknown> = {};

describe("the issuer of a Clerk instance", () => {
  let instance: ClerkInstance;
  let clerk: ClerkClient;
  let issuer: string;
  let clientId: string;
  let remove: () => Promise<unknown>;
  let documents: Record<"openid" | "oauth", Record<string, unknown>>;

  beforeAll(async () => {
    instance = await openClerkInstance();
    clerk = createClerkClient(instance.clientConfig);
    const application = await clerk.oauthApplications.create({
      name: `cli-auth test ${Date.now()}`,
      redirectUris: ["http://127.0.0.1/callback"],
      scopes: "openid profile email offline_access",
      public: true,
    });
    clientId = application.clientId;
    remove = () => clerk.oauthApplications.delete(application.id);
    issuer = application.authorizeUrl.replace(/\/oauth\/authorize$/, "");
    const get = async (name: string) => await (await fetch(`${issuer}/.well-known/${name}`)).json();
    documents = { openid: await get("openid-configuration"), oauth: await get("oauth-authorization-server") };
  });

  afterAll(async () => {
    await remove().catch((error: unknown) => console.error("Left behind:", error));
    await instance.close();
    if (process.env.CLI_AUTH_TEST_LIVE) {
      console.log(`What this instance does:\n${JSON.stringify(report, null, 2)}`);
    }
  });

  async function post(path: string, form: Record<string, string>) {
    const response = await fetch(path.startsWith("http") ? path : issuer + path, {
      method: "POST",
      body: new URLSearchParams(form),
      redirect: "manual",
    });
    const text = await response.text();
    return { status: response.status, body: text.startsWith("{") ? JSON.parse(text) : text };
  }

  it("names itself in both of its documents, and the same endpoints", () => {
    const { openid, oauth } = documents;
    assertEquals([openid.issuer, oauth.issuer], [issuer, issuer]);
    for (const name of Object.keys(openid).filter((name) => name.endsWith("_endpoint") && name in oauth)) {
      assertEquals(openid[name], oauth[name], name);
    }
    const both = { ...oauth, ...openid };
    assertEquals([both.authorization_endpoint, both.token_endpoint], [
      `${issuer}/oauth/authorize`,
      `${issuer}/oauth/token`,
    ]);
    assert((both.code_challenge_methods_supported as string[]).includes("S256"));
    report.openid = Object.keys(openid).sort();
    report.oauth = Object.keys(oauth).sort();
    report.scopes = both.scopes_supported;
    report.namesItself = both.authorization_response_iss_parameter_supported ?? false;
  });

  it("publishes keys to verify its tokens with", async () => {
    const { keys } = await (await fetch(String(documents.openid.jwks_uri))).json();
    assert(keys.length > 0);
    for (const { kty, kid, n, e } of keys) {
      assertEquals([kty, typeof kid, typeof n, typeof e], ["RSA", "string", "string", "string"]);
    }
    report.keyUses = keys.map(({ use, alg }: Record<string, string>) => ({ use, alg }));
  });

  it("rejects an unknown client and an unregistered redirect URI, without a redirect", async () => {
    const ask = async (members: Record<string, string>) => {
      const query = new URLSearchParams({
        response_type: "code",
        client_id: clientId,
        redirect_uri: "http://127.0.0.1:4711/callback",
        scope: "openid",
        state: "a-long-enough-state",
        code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        code_challenge_method: "S256",
        ...members,
      });
      const response = await fetch(`${issuer}/oauth/authorize?${query}`, { redirect: "manual" });
      await response.body?.cancel();
      return response.status;
    };
    report.unknownClient = await ask({ client_id: "unknown" });
    report.foreignRedirect = await ask({ redirect_uri: "https://evil.example/callback" });
    assert(Number(report.unknownClient) >= 400 && Number(report.foreignRedirect) >= 400);
    assert(await ask({}) < 400);
  });

  it("rejects a code and a refresh token that it never issued with 'invalid_grant'", async () => {
    const code = {
      code: "never-issued",
      code_verifier: "v".repeat(43),
      redirect_uri: "http://127.0.0.1/callback",
    };
    const grants = {
      code: { grant_type: "authorization_code", ...code },
      refresh: { grant_type: "refresh_token", refresh_token: "never-issued" },
    };
    for (const [name, grant] of Object.entries(grants)) {
      const { status, body } = await post("/oauth/token", { client_id: clientId, ...grant });
      assertEquals([body.error, status === 400 || status === 401], ["invalid_grant", true]);
      report[`${name} that was never issued`] = status;
    }
  });

  it("treats a token that it never issued as revoked (RFC 7009, section 2.2)", async () => {
    const { status } = await post("/oauth/token/revoke", { client_id: clientId, token: "never-issued" });
    report.revocationOfAnUnknownToken = status;
    assert(status === 200 || status === 400 || status === 401);
  });

  it("rejects a token that it never issued at userinfo, with a readable error", async () => {
    const auth = new ClerkCliAuth({
      clientId,
      issuer,
      storage: {
        get: () => JSON.stringify({ accessToken: "oat_never_issued" }),
        set: () => {},
        delete: () => {},
      },
    });
    const error = await auth.whoami().catch((error: unknown) => error);
    assert(isClerkCliAuthError(error));
    assertEquals([error.code, error.status], ["userinfo", 401]);
    report.userinfoError = error.oauthError;
  });

  it("registers no client unless that is enabled", async () => {
    const response = await fetch(`${issuer}/oauth/register`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ redirect_uris: ["http://127.0.0.1/callback"], client_name: "cli-auth test" }),
    });
    await response.body?.cancel();
    report.registration = response.status;
    assert([201, 400, 401, 403, 404, 422].includes(response.status));
  });

  it("starts a sign-in with a device code if it advertises that, as documented", async () => {
    const endpoint = documents.openid.device_authorization_endpoint ??
      documents.oauth.device_authorization_endpoint;
    report.deviceGrant = endpoint === undefined ? "not advertised" : "advertised";
    if (typeof endpoint !== "string") return;
    const { status, body } = await post(endpoint, {
      client_id: clientId,
      scope: "openid profile",
      nonce: "a-nonce-of-mine",
    });
    report.deviceAuthorization = status === 200 ? "allowed" : body.error;
    if (status !== 200) return assertEquals([status, typeof body.error], [status, "string"]);
    const members = [
      "device_code",
      "expires_in",
      "interval",
      "user_code",
      "verification_uri",
      "verification_uri_complete",
    ];
    assertEquals(members.filter((name) => body[name] === undefined), []);
    report.verificationPage = body.verification_uri;
    const grant_type = "urn:ietf:params:oauth:grant-type:device_code";
    const poll = await post("/oauth/token", {
      grant_type,
      client_id: clientId,
      device_code: body.device_code,
    });
    assertEquals([poll.status, poll.body.error], [400, "authorization_pending"]);
  });

  it("says what it does with a resource (RFC 8707)", async () => {
    const endpoint = documents.openid.device_authorization_endpoint ??
      documents.oauth.device_authorization_endpoint;
    if (typeof endpoint !== "string") return;
    const { status, body } = await post(endpoint, {
      client_id: clientId,
      scope: "openid",
      resource: "https://api.example.com",
    });
    report.resource = status === 200 ? "accepted or ignored" : body.error;
    assert(status < 500);
  });
});
