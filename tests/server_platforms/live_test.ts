import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { type ClerkClient, createClerkClient } from "@clerk/backend";
import {
  cliAuth,
  type CliAuthInstance,
  handle,
  type HandleOptions,
  type TokenKind,
} from "@clerk/cli-auth/server";
import { requestWith } from "../server/support/request_with.ts";
import { type ClerkInstance, openClerkInstance } from "./support/clerk_instance.ts";

describe("the handlers against a Clerk instance", () => {
  /** What the tests have made, to be removed in the opposite order whatever happens. */
  const made: (() => Promise<unknown>)[] = [];
  const unique = `${Date.now()}${Math.floor(Math.random() * 1e6)}`;
  let instance: ClerkInstance;
  let clerk: ClerkClient;
  let auth: CliAuthInstance<ClerkClient>;
  let userId: string;

  beforeAll(async () => {
    instance = await openClerkInstance();
    clerk = createClerkClient(instance.clientConfig);
    auth = cliAuth({ client: clerk });
    const user = await clerk.users.createUser({
      username: `cliauthtest${unique}`,
      firstName: "Throwaway",
      lastName: "User",
      skipPasswordRequirement: true,
    });
    userId = user.id;
    made.push(() => clerk.users.deleteUser(userId));
  });

  afterAll(async () => {
    for (const remove of made.reverse()) {
      await remove().catch((error: unknown) => console.error("Left behind:", error));
    }
    await instance.close();
  });

  async function createApiKey(subject: string, claims: Record<string, unknown> | null = null) {
    const key = await clerk.apiKeys.create({
      name: `cli-auth test ${unique}`,
      subject,
      scopes: ["notes:read"],
      claims,
    });
    made.push(() => clerk.apiKeys.delete(key.id));
    assert(key.secret);
    return { id: key.id, secret: key.secret };
  }

  async function createOrganization() {
    const organization = await clerk.organizations.createOrganization({
      name: `Test ${unique}`,
      createdBy: userId,
    });
    made.push(() => clerk.organizations.deleteOrganization(organization.id));
    return organization;
  }

  async function createMachine() {
    const machine = await clerk.machines.create({ name: `test ${unique}` });
    made.push(() => clerk.machines.delete(machine.id));
    return machine;
  }

  async function ask(token: string, options: Partial<HandleOptions<TokenKind, ClerkClient>> = {}) {
    const response = await handle({ auth, ...options })(requestWith(token));
    return { status: response.status, headers: response.headers, body: await response.json() };
  }

  it("verifies a user's API key", async () => {
    const { id, secret } = await createApiKey(userId, { plan: "pro" });
    assertEquals(await auth.verifyToken(secret), {
      subject: userId,
      type: "api_key",
      scopes: ["notes:read"],
      claims: { plan: "pro" },
      id,
    });
    const { status, body } = await ask(secret, { accepts: "api_key", scopes: ["notes:read"] });
    assertEquals([status, body], [200, { sub: userId, claims: { plan: "pro" } }]);
  });

  it("verifies an organization's API key", async () => {
    const organization = await createOrganization();
    const { secret } = await createApiKey(organization.id);
    const { status, body } = await ask(secret);
    assertEquals([status, body.sub, body.org_id], [200, organization.id, organization.id]);
  });

  it("verifies a machine's API key", async () => {
    const machine = await createMachine();
    const { secret } = await createApiKey(machine.id);
    const { status, body } = await ask(secret);
    assertEquals([status, body.sub], [200, machine.id]);
  });

  it("looks up the user, the organization and the machine", async () => {
    const [organization, machine] = [await createOrganization(), await createMachine()];
    const lookup = cliAuth({ client: clerk, lookup: true });
    const bodies = [];
    for (const subject of [userId, organization.id, machine.id]) {
      bodies.push((await ask((await createApiKey(subject)).secret, { auth: lookup })).body);
    }
    assertEquals(
      [bodies[0].name, bodies[0].username, bodies[1].org_name, bodies[1].org_slug, bodies[2].name],
      ["Throwaway User", `cliauthtest${unique}`, organization.name, organization.slug, machine.name],
    );
  });

  it("needs nothing but the secret key", async () => {
    const { secretKey, apiUrl } = instance.clientConfig;
    const alone = cliAuth({ clientConfig: { secretKey, ...(apiUrl && { apiUrl }) } });
    const { secret } = await createApiKey(userId);
    assertEquals((await alone.verifyTokenFromRequest(requestWith(secret))).subject, userId);
  });

  it("rejects a revoked API key", async () => {
    const { id, secret } = await createApiKey(userId);
    assertEquals((await ask(secret)).status, 200);
    await clerk.apiKeys.revoke({ apiKeyId: id, revocationReason: "test" });
    const { status, headers, body } = await ask(secret);
    assertEquals([status, body.error], [401, "not_authenticated"]);
    assertStringIncludes(headers.get("www-authenticate") ?? "", 'error="invalid_token"');
  });

  it("rejects tokens that it never issued, and every other kind of token", async () => {
    for (const token of ["ak_never_issued", "oat_never_issued", "mt_never_issued", "not-a-real-token"]) {
      const { status, body } = await ask(token);
      assertEquals([token, status, body.error], [token, 401, "not_authenticated"]);
    }
  });

  it("refuses an API key if only OAuth access tokens are accepted, or a scope is missing", async () => {
    const { secret } = await createApiKey(userId);
    const { status, body } = await ask(secret, { accepts: "oauth_token" });
    assertEquals(status, 401);
    assertMatch(body.error_description, /not accepted/);
    assertEquals((await ask(secret, { scopes: ["notes:write"] })).status, 403);
  });

  it("passes the client to the caller's own verifier and resolver", async () => {
    const { secret } = await createApiKey(userId);
    const { status, body } = await ask(secret, {
      verifyToken: async ({ token, type, clerk }) => {
        const { subject, scopes } = await clerk.apiKeys.verify(token);
        return { subject, type, scopes };
      },
      resolveAuthInfo: async ({ tokenInfo, clerk }) => {
        const { id, firstName } = await clerk.users.getUser(tokenInfo.subject);
        return { sub: id, first_name: firstName };
      },
    });
    assertEquals([status, body], [200, { sub: userId, first_name: "Throwaway" }]);
  });

  it("tells a wrong secret key from a wrong token", async () => {
    const { apiUrl } = instance.clientConfig;
    const stranger = cliAuth({ clientConfig: { secretKey: "sk_test_wrong", ...(apiUrl && { apiUrl }) } });
    const { secret } = await createApiKey(userId);
    const { status, body } = await handle({ auth: stranger, onError: () => {} })(requestWith(secret))
      .then(async (response) => ({ status: response.status, body: await response.json() }));
    assertEquals([status, body.error], [500, "config"]);
  });
});
