import { type ClerkClient, createClerkClient } from "@clerk/backend";
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { afterAll, beforeAll, beforeEach, describe, it } from "@std/testing/bdd";
import { createEmulator, type Emulator, type ListeningEmulator } from "@clerk/cli-auth/testing";
import { obtainCode } from "../flow.ts";

type TokenKind = "api_key" | "oauth_token";

let emulator: Emulator;
let server: ListeningEmulator;
let clerk: ClerkClient;

function clerkClient(secretKey: string): ClerkClient {
  const { publishableKey } = emulator;
  return createClerkClient({
    secretKey,
    publishableKey,
    apiUrl: server.issuer,
    telemetry: { disabled: true },
  });
}

/** The verdict of `@clerk/backend` on a bearer token. */
async function authenticate(token: string, acceptsToken: TokenKind, client = clerk) {
  const request = new Request("http://backend.example/", { headers: { Authorization: `Bearer ${token}` } });
  return await client.authenticateRequest(request, { acceptsToken });
}

/** The status with which a call of the client fails. */
async function statusOf(call: () => Promise<unknown>): Promise<unknown> {
  const error = await assertRejects(call);
  return (error as Error & { status?: unknown }).status;
}

/** The code of the error with which a call of the client fails. */
async function codeOf(call: () => Promise<unknown>): Promise<unknown> {
  const error = await assertRejects(call);
  return (error as Error & { errors?: { code: string }[] }).errors?.[0]?.code;
}

describe("@clerk/backend on the emulator", () => {
  beforeAll(async () => {
    emulator = createEmulator();
    server = await emulator.listen();
    clerk = clerkClient(emulator.secretKey);
  });
  afterAll(() => server.close());
  beforeEach(() => {
    emulator.behavior.deadTokens = 404;
    emulator.requests.length = 0;
  });

  describe("users", () => {
    it("creates, gets and deletes one", async () => {
      const created = await clerk.users.createUser({
        emailAddress: ["grace@example.com", "hopper@example.com"],
        firstName: "Grace",
        lastName: "Hopper",
        username: "grace",
        publicMetadata: { rank: "admiral" },
      });
      assertMatch(created.id, /^user_\w{27}$/);
      const user = await clerk.users.getUser(created.id);
      assertEquals(user.primaryEmailAddress?.emailAddress, "grace@example.com");
      assertEquals(user.emailAddresses.map(({ emailAddress }) => emailAddress), [
        "grace@example.com",
        "hopper@example.com",
      ]);
      assertEquals([user.fullName, user.username, user.publicMetadata], ["Grace Hopper", "grace", {
        rank: "admiral",
      }]);
      const deleted = await clerk.users.deleteUser(created.id);
      assertEquals(deleted.id, created.id);
      assertEquals(await statusOf(() => clerk.users.getUser(created.id)), 404);
    });

    it("says whether an email address was verified", async () => {
      const { id } = emulator.createUser({ emailVerified: false });
      const { emailAddresses } = await clerk.users.getUser(id);
      assertEquals(emailAddresses.map(({ verification }) => verification?.status), ["unverified"]);
      const known = await clerk.users.getUser(emulator.user.id);
      assertEquals(known.emailAddresses.map(({ verification }) => verification?.status), ["verified"]);
    });

    it("rejects an email address that is taken", async () => {
      const create = () => clerk.users.createUser({ emailAddress: ["ada@example.com"] });
      assertEquals(await codeOf(create), "form_identifier_exists");
    });

    it("invalidates the tokens and API keys of a deleted one", async () => {
      const user = await clerk.users.createUser({ emailAddress: ["short@example.com"] });
      const { secret = "" } = await clerk.apiKeys.create({ name: "key", subject: user.id });
      const emulated = emulator.createUser();
      const { accessToken } = await emulator.issueTokens({ user: emulated, format: "opaque" });
      await clerk.users.deleteUser(user.id);
      await clerk.users.deleteUser(emulated.id);
      assertEquals(await statusOf(() => clerk.apiKeys.verify(secret)), 404);
      assertEquals(await statusOf(() => clerk.idPOAuthAccessToken.verify(accessToken)), 404);
    });
  });

  describe("organizations", () => {
    it("creates, gets by identifier and slug, and deletes one", async () => {
      const { id } = await clerk.organizations.createOrganization({
        name: "New Ideas",
        createdBy: emulator.user.id,
      });
      assertMatch(id, /^org_\w{27}$/);
      const organization = await clerk.organizations.getOrganization({ organizationId: id });
      const { name, slug, createdBy, membersCount } = organization;
      assertEquals([name, slug, createdBy, membersCount], ["New Ideas", "new-ideas", emulator.user.id, 1]);
      assertEquals((await clerk.organizations.getOrganization({ slug: "new-ideas" })).id, id);
      await clerk.organizations.deleteOrganization(id);
      assertEquals(await statusOf(() => clerk.organizations.getOrganization({ organizationId: id })), 404);
      assertEquals(emulator.user.organizationIds, [emulator.organization.id]);
    });

    it("uses the requested slug", async () => {
      const { id } = await clerk.organizations.createOrganization({ name: "Any", slug: "wanted" });
      assertEquals((await clerk.organizations.getOrganization({ slug: "wanted" })).id, id);
    });

    it("requires a name, and an existing creator", async () => {
      assertEquals(
        await codeOf(() => clerk.organizations.createOrganization({ name: "" })),
        "form_param_missing",
      );
      const createdBy = "user_000000000000000000000000000";
      assertEquals(
        await statusOf(() => clerk.organizations.createOrganization({ name: "x", createdBy })),
        422,
      );
    });
  });

  describe("machines", () => {
    it("creates, gets and deletes one, showing its secret key only when created", async () => {
      const other = emulator.createMachine({ name: "Other" });
      const created = await clerk.machines.create({ name: "Worker", scopedMachines: [other.id] });
      assertMatch(created.id, /^mch_\w{27}$/);
      assertMatch(created.secretKey ?? "", /^ak_/);
      const machine = await clerk.machines.get(created.id);
      assertEquals([machine.name, machine.instanceId, machine.secretKey], [
        "Worker",
        emulator.instanceId,
        undefined,
      ]);
      assertEquals(machine.scopedMachines.map(({ id, scopedMachines }) => [id, scopedMachines]), [[
        other.id,
        [],
      ]]);
      await clerk.machines.delete(created.id);
      assertEquals(await statusOf(() => clerk.machines.get(created.id)), 404);
    });
  });

  describe("OAuth applications", () => {
    it("creates one as the guide says, signs in with it, updates and deletes it", async () => {
      const created = await clerk.oauthApplications.create({
        name: "My CLI",
        redirectUris: ["http://127.0.0.1/callback"],
        scopes: "profile email offline_access",
        public: true,
      });
      const { name, pkceRequired, isPublic, clientSecret, redirectUris } = created;
      assertEquals([name, pkceRequired, isPublic, clientSecret], ["My CLI", true, true, undefined]);
      assertEquals(redirectUris, ["http://127.0.0.1/callback"]);
      const { code } = await obtainCode(emulator, {
        parameters: { client_id: created.clientId, scope: "profile" },
      });
      assertMatch(code, /./);
      const updated = await clerk.oauthApplications.update({
        oauthApplicationId: created.id,
        name: "Your CLI",
      });
      assertEquals([updated.name, updated.scopes], ["Your CLI", "profile email offline_access"]);
      assertEquals((await clerk.oauthApplications.get(created.id)).name, "Your CLI");
      await clerk.oauthApplications.delete(created.id);
      assertEquals(await statusOf(() => clerk.oauthApplications.get(created.id)), 404);
    });

    it("shows the secret of a confidential one only when created", async () => {
      const { id, clientSecret } = await clerk.oauthApplications.create({ name: "Web", redirectUris: [] });
      assertMatch(clientSecret ?? "", /^\w{32}$/);
      assertEquals((await clerk.oauthApplications.get(id)).clientSecret, undefined);
      const { data } = await clerk.oauthApplications.list();
      assertEquals([data[0]?.id, data.at(-1)?.clientId], [id, "emulator-cli"]);
      await clerk.oauthApplications.delete(id);
    });
  });

  describe("lists", () => {
    it("contain users, also by email address, organizations and machines, newest first", async () => {
      const user = emulator.createUser({ email: "listed@example.com" });
      const organization = emulator.createOrganization({ name: "Listed" });
      const machine = emulator.createMachine({ name: "Listed" });
      const users = await clerk.users.getUserList({ limit: 1 });
      assertEquals([users.data.map(({ id }) => id), users.totalCount], [
        [user.id],
        await clerk.users.getCount(),
      ]);
      const byEmail = await clerk.users.getUserList({ emailAddress: ["ada@example.com"] });
      assertEquals([byEmail.data.map(({ id }) => id), byEmail.totalCount], [[emulator.user.id], 1]);
      const byId = await clerk.users.getUserList({ userId: [user.id, "user_unknown"] });
      assertEquals(byId.data.map(({ id }) => id), [user.id]);
      const organizations = await clerk.organizations.getOrganizationList();
      assertEquals(organizations.data[0]?.id, organization.id);
      assertEquals(organizations.data.at(-1)?.id, emulator.organization.id);
      assertEquals((await clerk.machines.list({ limit: 1 })).data.map(({ id }) => id), [machine.id]);
    });
  });

  describe("API keys", () => {
    it("creates one, and shows its secret only then and in its own call", async () => {
      const created = await clerk.apiKeys.create({
        name: "Deploy",
        subject: emulator.organization.id,
        description: "for deploys",
        claims: { stage: "test" },
        scopes: ["read"],
        createdBy: emulator.user.id,
        secondsUntilExpiration: 60,
      });
      assertMatch(created.id, /^ak_[0-9A-Fa-f]{32}$/);
      assertMatch(created.secret ?? "", /^ak_/);
      const apiKey = await clerk.apiKeys.get(created.id);
      assertEquals(apiKey.secret, undefined);
      const { name, subject, description, claims, scopes, createdBy, revoked, expired } = apiKey;
      assertEquals({ name, subject, description, claims, scopes, createdBy, revoked, expired }, {
        name: "Deploy",
        subject: emulator.organization.id,
        description: "for deploys",
        claims: { stage: "test" },
        scopes: ["read"],
        createdBy: emulator.user.id,
        revoked: false,
        expired: false,
      });
      assertEquals(Number(apiKey.expiration) - apiKey.createdAt, 60_000);
      assertEquals((await clerk.apiKeys.getSecret(created.id)).secret, created.secret);
    });

    it("verifies, for each kind of subject", async () => {
      const machine = emulator.createMachine();
      const scim = "scim_000000000000000000000000000";
      for (const subject of [emulator.user.id, emulator.organization.id, machine.id, scim]) {
        const { secret = "" } = await clerk.apiKeys.create({ name: "key", subject });
        const verified = await clerk.apiKeys.verify(secret);
        assertEquals([verified.subject, typeof verified.lastUsedAt], [subject, "number"]);
      }
    });

    it("updates, revokes and deletes one", async () => {
      const { id } = emulator.createApiKey();
      const subject = emulator.user.id;
      const updated = await clerk.apiKeys.update({
        apiKeyId: id,
        subject,
        scopes: ["write"],
        description: "new",
      });
      assertEquals([updated.scopes, updated.description], [["write"], "new"]);
      const revoked = await clerk.apiKeys.revoke({ apiKeyId: id, revocationReason: "leaked" });
      assertEquals([revoked.revoked, revoked.revocationReason], [true, "leaked"]);
      assertEquals((await clerk.apiKeys.delete(id)).deleted, true);
      assertEquals(await statusOf(() => clerk.apiKeys.get(id)), 404);
    });

    it("updates the expiry of one, and accepts what it returned", async () => {
      const { id } = emulator.createApiKey({ claims: { a: 1 }, scopes: ["read"] });
      const subject = emulator.user.id;
      const update = { apiKeyId: id, subject };
      const ending = await clerk.apiKeys.update({ ...update, secondsUntilExpiration: 60, claims: { b: 2 } });
      assertEquals([Number(ending.expiration) - ending.updatedAt, ending.claims], [60_000, { b: 2 }]);
      const endless = await clerk.apiKeys.update({
        ...update,
        secondsUntilExpiration: null,
        claims: null,
        description: null,
      });
      assertEquals([endless.expiration, endless.claims, endless.description], [null, null, null]);
      const revoked = await clerk.apiKeys.revoke({ apiKeyId: id });
      assertEquals([revoked.revoked, revoked.revocationReason], [true, null]);
    });

    it("lists those of a subject, newest first, dead ones only on request", async () => {
      const user = emulator.createUser();
      const names = ["first", "second", "third"];
      const keys = names.map((name) => emulator.createApiKey({ subject: user, name }));
      const [dead] = keys;
      if (dead) dead.revoked = true;
      const list = await clerk.apiKeys.list({ subject: user.id });
      assertEquals([list.data.map(({ name }) => name), list.totalCount], [["third", "second"], 2]);
      const all = await clerk.apiKeys.list({ subject: user.id, includeInvalid: true, limit: 1, offset: 2 });
      assertEquals([all.data.map(({ name }) => name), all.totalCount], [["first"], 3]);
    });

    it("rejects an invalid subject, and a key without a name", async () => {
      assertEquals(
        await codeOf(() => clerk.apiKeys.create({ name: "x", subject: "user_1" })),
        "form_param_format_invalid",
      );
      assertEquals(
        await codeOf(() => clerk.apiKeys.create({ name: "", subject: emulator.user.id })),
        "form_param_missing",
      );
    });
  });

  describe("authenticateRequest", () => {
    it("accepts an API key, at the path without /v1", async () => {
      const { secret, id } = emulator.createApiKey({
        subject: emulator.organization,
        scopes: ["read"],
        claims: { a: 1 },
      });
      const state = await authenticate(secret, "api_key");
      const auth = state.toAuth();
      assertEquals(state.status, "signed-in");
      const { tokenType, subject, orgId, scopes } = auth as unknown as Record<string, unknown>;
      assertEquals([auth?.id, tokenType, subject, orgId, scopes], [
        id,
        "api_key",
        emulator.organization.id,
        emulator.organization.id,
        ["read"],
      ]);
      assertEquals(emulator.requests.map(({ path, status }) => [path, status]), [["/api_keys/verify", 200]]);
    });

    it("accepts an opaque OAuth access token, at the path without /v1", async () => {
      const { accessToken } = await emulator.issueTokens({ format: "opaque", scopes: ["profile"] });
      const auth = (await authenticate(accessToken, "oauth_token")).toAuth() as unknown as Record<
        string,
        unknown
      >;
      assertEquals([auth.isAuthenticated, auth.userId, auth.clientId, auth.scopes], [
        true,
        emulator.user.id,
        "emulator-cli",
        ["profile"],
      ]);
      assertEquals(emulator.requests.map(({ path }) => path), ["/oauth_applications/access_tokens/verify"]);
    });

    it("accepts a JWT access token with the key from /v1/jwks", async () => {
      const { accessToken } = await emulator.issueTokens({ format: "jwt", scopes: ["profile", "email"] });
      const auth = (await authenticate(accessToken, "oauth_token")).toAuth() as unknown as Record<
        string,
        unknown
      >;
      assertEquals([auth.isAuthenticated, auth.subject, auth.clientId, auth.scopes], [
        true,
        emulator.user.id,
        "emulator-cli",
        ["profile", "email"],
      ]);
      assertEquals(emulator.requests.map(({ path }) => path), ["/v1/jwks"]);
    });

    it("rejects a JWT that has expired, or was signed by another instance", async () => {
      const expired = await emulator.issueTokens({ format: "jwt", lifetimeSeconds: -60 });
      const foreign = await Promise.all(
        (["process", "instance"] as const).map((signingKey) =>
          createEmulator({ signingKey }).issueTokens({ format: "jwt" })
        ),
      );
      for (const { accessToken } of [expired, ...foreign]) {
        assertEquals((await authenticate(accessToken, "oauth_token")).status, "signed-out");
      }
    });

    const dead: [404 | 400 | "inactive", string | null][] = [[404, "token-invalid"], [
      400,
      "unexpected-error",
    ]];
    for (const [deadTokens, reason] of dead) {
      it(`rejects revoked and expired ones with ${reason} if dead tokens are ${deadTokens}`, async () => {
        emulator.behavior.deadTokens = deadTokens;
        const revoked = emulator.createApiKey();
        revoked.revoked = true;
        const expired = emulator.createApiKey({ secondsUntilExpiration: 0 });
        const { accessToken } = await emulator.issueTokens({ format: "opaque", lifetimeSeconds: 0 });
        assertEquals((await authenticate(revoked.secret, "api_key")).reason, reason);
        assertEquals((await authenticate(expired.secret, "api_key")).reason, reason);
        assertEquals((await authenticate(accessToken, "oauth_token")).reason, reason);
      });
    }

    it("gets a 200 with only 'active: false' if dead tokens are 'inactive', and believes it", async () => {
      emulator.behavior.deadTokens = "inactive";
      const apiKey = emulator.createApiKey();
      apiKey.revoked = true;
      const verified: unknown = await clerk.apiKeys.verify(apiKey.secret);
      assertEquals(verified, { active: false });
      assertEquals((await authenticate(apiKey.secret, "api_key")).status, "signed-in");
    });

    it("rejects what never existed with token-invalid, whatever dead tokens get", async () => {
      emulator.behavior.deadTokens = "inactive";
      assertEquals((await authenticate("ak_unknown", "api_key")).reason, "token-invalid");
      assertEquals((await authenticate("oat_unknown", "oauth_token")).reason, "token-invalid");
    });

    it("tells a wrong secret key from a wrong token", async () => {
      const { secret } = emulator.createApiKey();
      const state = await authenticate(secret, "api_key", clerkClient("sk_test_wrong"));
      assertEquals(state.reason, "secret-key-invalid");
    });
  });

  it("gets 401 clerk_key_invalid for everything with a wrong secret key", async () => {
    const wrong = clerkClient("sk_test_wrong");
    const calls = [
      () => wrong.users.getUser(emulator.user.id),
      () => wrong.organizations.getOrganization({ organizationId: emulator.organization.id }),
      () => wrong.machines.create({ name: "x" }),
      () => wrong.apiKeys.list({ subject: emulator.user.id }),
      () => wrong.jwks.getJwks(),
    ];
    for (const call of calls) assertEquals(await codeOf(call), "clerk_key_invalid");
  });
});
