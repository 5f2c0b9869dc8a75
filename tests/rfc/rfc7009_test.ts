import { assertEquals, assertFalse, assertMatch } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { revokeToken } from "@clerk/cli-auth";
import { caught } from "../harness/caught.ts";
import { startTestClient, type TestClient } from "../harness/test_client.ts";

let client: TestClient;

beforeEach(async () => {
  client = await startTestClient();
});
afterEach(() => client.close());

const TOKEN = "rt_0123456789";

const revoke = (token: string) =>
  revokeToken({ issuer: client.issuer, clientId: client.config.clientId, token });

describe("RFC 7009, the client", () => {
  it("section 2: MUST verify that the endpoint has an https URL, except on loopback", async () => {
    const request = { issuer: "http://clerk.example.com", clientId: "client", token: TOKEN };
    assertEquals((await caught(() => revokeToken(request))).code, "config");
  });

  it("section 2.1: MUST send the request as a form by POST, with the token", async () => {
    await revoke("some token");
    const [request] = client.requestsTo("revoke");
    assertEquals([request?.method, request?.form.token, request?.path], [
      "POST",
      "some token",
      "/oauth/token/revoke",
    ]);
    assertMatch(request?.headers["content-type"] ?? "", /^application\/x-www-form-urlencoded/);
  });

  it("section 2.1: MUST say which client it is", async () => {
    await revoke(TOKEN);
    assertEquals(client.requestsTo("revoke")[0]?.form.client_id, client.config.clientId);
  });

  it("section 2.1: MAY hint at the type: a logout does, with a registered type", async () => {
    await client.signIn();
    await client.auth.logout();
    assertEquals(client.requestsTo("revoke").map(({ form }) => form.token_type_hint), ["refresh_token"]);
  });

  it("section 2.1: revokes the refresh token, with which the access tokens of the grant SHOULD end", async () => {
    const { accessToken, refreshToken } = await client.signIn();
    const { revocations } = await client.auth.logout();
    assertEquals(client.requestsTo("revoke").map(({ form }) => form.token), [refreshToken]);
    assertEquals(revocations.map(({ token, revoked }) => [token, revoked]), [
      ["refresh_token", true],
      ["access_token", true],
    ]);
    const { status } = await fetch(`${client.issuer}/oauth/userinfo`, {
      headers: { authorization: `Bearer ${accessToken}` },
    });
    assertEquals(status, 401);
  });

  it("section 2: MUST NOT use a revoked token again", async () => {
    const { accessToken, refreshToken } = await client.signIn();
    await client.auth.logout();
    const before = client.emulator.requests.length;
    assertEquals([await client.auth.getAccessToken(), await client.auth.whoami()], [null, null]);
    assertEquals(client.emulator.requests.length, before);
    const kept = JSON.stringify([...client.entries]);
    assertFalse(kept.includes(accessToken) || kept.includes(refreshToken));
  });

  it("section 2.2: a token that the server does not know counts as revoked", async () => {
    await revoke("unknown");
    assertEquals(client.requestsTo("revoke")[0]?.status, 200);
  });

  it("section 2.2: MUST ignore the content of the response: the status says it all", async () => {
    for (const body of ["", "not JSON", { error: "invalid_request" }]) {
      client.emulator.faults.add({ endpoint: "revoke", status: 200, body });
      await revoke(TOKEN);
    }
    assertEquals(client.emulator.faults.pending, 0);
  });

  it("section 2.2.1: an error response is an error, including unsupported_token_type", async () => {
    for (const error of ["unsupported_token_type", "invalid_client", "invalid_request"]) {
      client.emulator.faults.add({ endpoint: "revoke", status: 400, body: { error } });
      const failure = await caught(() => revoke(TOKEN));
      assertEquals([failure.code, failure.oauthError, failure.retryable], ["revoke", error, false]);
    }
  });

  it("section 2.2.1: on 503 MUST assume that the token still exists, and may try again", async () => {
    const { expiresAt } = await client.signIn();
    client.emulator.faults.add({ endpoint: "revoke", status: 503, headers: { "retry-after": "5" } });
    const { revocations } = await client.auth.logout();
    assertEquals(
      revocations.map(({ token, revoked, error, validUntil }) => ({
        token,
        revoked,
        retryable: error?.retryable,
        validUntil,
      })),
      [
        { token: "refresh_token", revoked: false, retryable: true, validUntil: undefined },
        { token: "access_token", revoked: false, retryable: undefined, validUntil: expiresAt },
      ],
    );
  });
});
