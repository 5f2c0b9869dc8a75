import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { createEmulator, type Emulator } from "@clerk/cli-auth/testing";
import { ISSUER, obtainTokens, OPAQUE, postForm, refresh, userinfo } from "../flow.ts";

/** The fields of userinfo with a scope, besides the constant ones. */
async function fieldsWith(
  scope: string,
  emulator: Emulator = createEmulator({ behavior: OPAQUE }),
): Promise<Record<string, unknown>> {
  const { access_token } = await obtainTokens(emulator, { scope });
  const { body: { object, instance_id, user_id, sub, ...fields } } = await userinfo(
    emulator.fetch,
    access_token,
  );
  assertEquals({ object, instance_id, user_id, sub }, {
    object: "oauth_user_info",
    instance_id: emulator.instanceId,
    user_id: emulator.user.id,
    sub: emulator.user.id,
  });
  return fields;
}

describe("the userinfo endpoint", () => {
  it("returns only object, instance_id, user_id and sub without further scopes", async () => {
    assertEquals(await fieldsWith("offline_access"), {});
    const emulator = createEmulator({ behavior: OPAQUE });
    assertMatch(emulator.user.id, /^user_\w{27}$/);
    assertMatch(emulator.instanceId, /^ins_\w{27}$/);
  });

  it("adds the email address with the scope email", async () => {
    assertEquals(await fieldsWith("email"), { email: "ada@example.com", email_verified: true });
  });

  it("adds names and picture with the scope profile", async () => {
    assertEquals(await fieldsWith("profile"), {
      name: "Ada Lovelace",
      given_name: "Ada",
      family_name: "Lovelace",
      picture: "https://img.example.com/avatar.png",
      preferred_username: "ada",
      username: "ada",
    });
  });

  it("adds public and unsafe metadata with the scope public_metadata", async () => {
    const emulator = createEmulator({ behavior: OPAQUE });
    emulator.user.publicMetadata = { plan: "pro" };
    emulator.user.unsafeMetadata = { theme: "dark" };
    emulator.user.privateMetadata = { secret: true };
    assertEquals(await fieldsWith("public_metadata", emulator), {
      public_metadata: { plan: "pro" },
      unsafe_metadata: { theme: "dark" },
    });
  });

  it("adds the organization with the scope user:org:read", async () => {
    const emulator = createEmulator({ behavior: OPAQUE });
    assertEquals(await fieldsWith("user:org:read", emulator), {
      org_id: emulator.organization.id,
      org_name: "Analytical Engines",
      org_slug: "analytical-engines",
    });
    assertMatch(emulator.organization.id, /^org_\w{27}$/);
  });

  it("also accepts the token in a POST, in the header or the form", async () => {
    const emulator = createEmulator({ behavior: OPAQUE });
    const { access_token } = await obtainTokens(emulator);
    const url = `${ISSUER}/oauth/userinfo`;
    const headers = { Authorization: `bearer ${access_token}` };
    assertEquals((await postForm(emulator.fetch, url, { form: {}, headers })).status, 200);
    assertEquals(
      (await postForm(emulator.fetch, url, { form: { access_token: String(access_token) } })).status,
      200,
    );
  });

  it("responds 401 in Clerk's own shape to a bad token", async () => {
    const emulator = createEmulator({ behavior: OPAQUE });
    const tokens = await obtainTokens(emulator, { scope: "openid offline_access" });
    const outdated = tokens.access_token;
    await refresh(emulator.fetch, tokens.refresh_token);
    for (const token of ["", "nonsense", outdated, tokens.id_token, tokens.refresh_token]) {
      const { status, body } = await userinfo(emulator.fetch, token);
      assertEquals(status, 401);
      const [error] = body.errors as Record<string, string>[];
      assertEquals(Object.keys(error ?? {}).sort(), ["code", "long_message", "message"]);
      assertEquals(error?.code, "oauth_fetch_user_error");
    }
  });

  it("responds 401 once the token has expired", async () => {
    let now = Date.now();
    const emulator = createEmulator({
      behavior: { ...OPAQUE, accessTokenLifetimeSeconds: 60 },
      now: () => now,
    });
    const { access_token } = await obtainTokens(emulator);
    now += 59_999;
    assertEquals((await userinfo(emulator.fetch, access_token)).status, 200);
    now += 1;
    assertEquals((await userinfo(emulator.fetch, access_token)).status, 401);
  });

  it("responds 401 after expireAccessTokens(), even for opaque tokens", async () => {
    for (const accessTokenFormat of ["jwt", "opaque"] as const) {
      const emulator = createEmulator({ behavior: { accessTokenFormat } });
      const { access_token } = await obtainTokens(emulator);
      emulator.expireAccessTokens();
      assertEquals((await userinfo(emulator.fetch, access_token)).status, 401);
    }
  });
});

describe("the introspection endpoint", () => {
  async function introspect(
    emulator: Emulator,
    { clientId, clientSecret }: { clientId: string; clientSecret: string | null },
    token: string,
  ) {
    const headers = { Authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` };
    return await postForm(emulator.fetch, `${ISSUER}/oauth/token_info`, { form: { token }, headers });
  }

  it("describes the access and refresh tokens of the client that asks", async () => {
    const emulator = createEmulator({ behavior: OPAQUE });
    const application = emulator.createApplication({ public: false });
    const scopes = ["profile", "offline_access"];
    const { accessToken, refreshToken } = await emulator.issueTokens({ application, scopes });
    const { status, body } = await introspect(emulator, application, accessToken);
    assertEquals(status, 200);
    const { active, client_id, sub, scope } = body;
    assertEquals({ active, client_id, sub, scope }, {
      active: true,
      client_id: application.clientId,
      sub: emulator.user.id,
      scope: "profile offline_access",
    });
    assertEquals((await introspect(emulator, application, refreshToken)).body.active, true);
  });

  it("only says that dead, unknown and foreign tokens are not active", async () => {
    const emulator = createEmulator({ behavior: OPAQUE });
    const application = emulator.createApplication({ public: false });
    const foreign = await emulator.issueTokens();
    const dead = await emulator.issueTokens({ application });
    emulator.revokeGrants({ application });
    for (const token of [dead.accessToken, dead.refreshToken, foreign.accessToken, "unknown"]) {
      assertEquals((await introspect(emulator, application, token)).body, { active: false });
    }
  });

  it("rejects a public client, and a wrong secret", async () => {
    const emulator = createEmulator({ behavior: OPAQUE });
    const form = { client_id: "emulator-cli", token: "unknown" };
    const answer = await postForm(emulator.fetch, `${ISSUER}/oauth/token_info`, { form });
    assertEquals([answer.status, answer.body.error], [401, "invalid_client"]);
    const { clientId } = emulator.createApplication({ public: false });
    assertEquals((await introspect(emulator, { clientId, clientSecret: "wrong" }, "unknown")).status, 401);
  });
});
