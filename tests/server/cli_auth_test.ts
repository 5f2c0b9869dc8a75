import { assertEquals, assertMatch, assertStrictEquals, assertThrows } from "@std/assert";
import { beforeAll, describe, it } from "@std/testing/bdd";
import { cliAuth, type CliAuthInstance } from "@clerk/cli-auth/server";
import type { EmulatedOrganization, EmulatedUser, Emulator } from "@clerk/cli-auth/testing";
import { caught } from "../harness/caught.ts";
import { startInstance } from "./support/instance.ts";
import { outcome } from "./support/outcome.ts";
import { requestWith } from "./support/request_with.ts";

describe("cliAuth() with a secret key alone", () => {
  let emulator: Emulator;
  let user: EmulatedUser;
  let organization: EmulatedOrganization;
  let auth: CliAuthInstance;
  beforeAll(() => {
    const instance = startInstance();
    ({ emulator } = instance);
    ({ user, organization } = emulator);
    auth = cliAuth({ clientConfig: instance.clientConfig });
  });

  it("verifies a user's API key", async () => {
    const { id, secret } = emulator.createApiKey({ scopes: ["notes:read"], claims: { plan: "pro" } });
    assertEquals(await auth.verifyToken(secret), {
      subject: user.id,
      type: "api_key",
      scopes: ["notes:read"],
      claims: { plan: "pro" },
      id,
    });
  });

  for (const kind of ["organization", "machine", "directory"] as const) {
    it(`verifies the API key of a ${kind}`, async () => {
      const subjects = {
        organization,
        machine: emulator.createMachine(),
        directory: `scim_${"a".repeat(27)}`,
      };
      const { secret } = emulator.createApiKey({ subject: subjects[kind] });
      const expected = { organization: /^org_/, machine: /^mch_/, directory: /^scim_/ };
      const { subject, orgId } = await auth.verifyToken(secret);
      assertMatch(subject, expected[kind]);
      assertEquals(orgId, kind === "organization" ? organization.id : undefined);
    });
  }

  it("verifies an opaque OAuth access token", async () => {
    const { accessToken, expiresAt } = await emulator.issueTokens({ format: "opaque", scopes: ["profile"] });
    const { id, ...info } = await auth.verifyToken(accessToken);
    assertMatch(id ?? "", /^oat_/);
    assertEquals(info, {
      subject: user.id,
      type: "oauth_token",
      scopes: ["profile"],
      clientId: emulator.application.clientId,
      expiresAt: Math.floor(expiresAt / 1_000) * 1_000,
    });
  });

  it("verifies an OAuth access token that is a JWT", async () => {
    const { accessToken } = await emulator.issueTokens({
      format: "jwt",
      scopes: ["profile", "user:org:read"],
      organization,
      lifetimeSeconds: 60,
    });
    const { claims, id, expiresAt, ...info } = await auth.verifyToken(accessToken);
    assertEquals(info, {
      subject: user.id,
      type: "oauth_token",
      scopes: ["profile", "user:org:read"],
      clientId: emulator.application.clientId,
      orgId: organization.id,
    });
    assertEquals([claims?.["sub"], claims?.["jti"], claims?.["iss"]], [user.id, id, emulator.issuer]);
    assertEquals(expiresAt, Number(claims?.["exp"]) * 1000);
  });

  it("reads the token of a request", async () => {
    const { secret } = emulator.createApiKey();
    const { subject } = await auth.verifyTokenFromRequest(requestWith(secret), { accepts: "api_key" });
    assertEquals(subject, user.id);
    assertMatch(
      (await caught(() => auth.verifyTokenFromRequest(new Request("https://x/")))).message,
      /Authorization/,
    );
  });

  for (const deadTokens of [404, 400, "inactive", "marked"] as const) {
    it(`rejects revoked and expired tokens when Clerk responds with ${deadTokens}`, async () => {
      emulator.behavior.deadTokens = deadTokens;
      const apiKey = emulator.createApiKey();
      apiKey.revoked = true;
      const { accessToken } = await emulator.issueTokens({ format: "opaque", lifetimeSeconds: -1 });
      const user = emulator.createUser();
      const revoked = await emulator.issueTokens({ format: "opaque", user });
      emulator.revokeGrants({ user });
      for (const token of [apiKey.secret, accessToken, revoked.accessToken]) {
        assertEquals(await outcome(() => auth.verifyToken(token)), "invalid_token");
      }
    });
  }

  it("rejects tokens that Clerk never issued", async () => {
    for (const token of ["ak_unknown", "oat_unknown"]) {
      assertEquals(await outcome(() => auth.verifyToken(token)), "invalid_token");
    }
  });

  it("requires the accepted kind and every scope, even of a remembered token", async () => {
    const { accessToken } = await emulator.issueTokens({ scopes: ["profile", "email"] });
    for (let round = 0; round < 2; round++) {
      assertEquals(
        await outcome(() => auth.verifyToken(accessToken, { scopes: ["email", "profile"] })),
        "accepted",
      );
      assertEquals(
        await outcome(() => auth.verifyToken(accessToken, { scopes: ["email", "admin"] })),
        "insufficient_scope",
      );
      assertMatch(
        (await caught(() => auth.verifyToken(accessToken, { accepts: "api_key" }))).message,
        /not accepted/,
      );
    }
  });

  it("gives every caller its own copy", async () => {
    const { accessToken } = await emulator.issueTokens({ scopes: ["profile"] });
    const info = await auth.verifyToken(accessToken);
    info.scopes.push("admin");
    info.subject = "user_mallory";
    assertThrows(() => info.claims && (info.claims["org_id"] = "org_mallory"), TypeError);
    const again = await auth.verifyToken(accessToken);
    assertEquals([again.subject, again.scopes, again.orgId], [user.id, ["profile"], undefined]);
  });

  it("takes the subject from the verification alone", async () => {
    const claims = {
      sub: "user_mallory",
      subject: "user_mallory",
      user_id: "user_mallory",
      org_id: "org_mallory",
    };
    const tokenInfo = await auth.verifyToken(emulator.createApiKey({ claims }).secret);
    assertEquals(await auth.resolveAuthInfo({ tokenInfo }), { sub: user.id, claims });
  });

  it("keeps the claims of an access token out of the identity", async () => {
    const tokenInfo = await auth.verifyToken((await emulator.issueTokens({ format: "jwt" })).accessToken);
    assertEquals(tokenInfo.claims?.["sub"], user.id);
    assertEquals(await auth.resolveAuthInfo({ tokenInfo }), { sub: user.id });
  });

  it("adds no claims to the identity of a key without claims", async () => {
    const tokenInfo = await auth.verifyToken(emulator.createApiKey().secret);
    assertEquals(Object.keys(await auth.resolveAuthInfo({ tokenInfo })), ["sub"]);
  });

  it("gives the client that it uses", async () => {
    const clerk = await auth.getClerk();
    assertStrictEquals(await auth.getClerk(), clerk);
    assertEquals(typeof clerk.authenticateRequest, "function");
  });
});
