import { assertEquals, assertFalse } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { fetchIdentity, isMachineIdentity, revokeToken, verifyToken } from "@clerk/cli-auth";
import { caught, everythingSaidBy } from "../harness/caught.ts";
import { startTestClient, type TestClient } from "../harness/test_client.ts";

let client: TestClient;

beforeEach(async () => {
  client = await startTestClient();
});
afterEach(() => client.close());

describe("fetchIdentity()", () => {
  it("returns the user that an access token belongs to", async () => {
    const { accessToken } = await client.signIn();
    assertEquals(
      (await fetchIdentity({ issuer: `${client.issuer}//`, accessToken })).email,
      "ada@example.com",
    );
  });

  it("rejects with 'userinfo' if the token is rejected, and does not repeat it", async () => {
    const error = await caught(() => fetchIdentity({ issuer: client.issuer, accessToken: "oat_marker" }));
    assertEquals([error.code, error.status], ["userinfo", 401]);
    assertFalse(everythingSaidBy(error).includes("marker"));
  });

  it("has a deadline, can be aborted, and accepts another fetch", async () => {
    const { accessToken } = await client.signIn();
    const { issuer } = client;
    const silence = { endpoint: "userinfo", cut: "headers" } as const;
    const late = await caught(() => client.meet(silence, () => fetchIdentity({ issuer, accessToken })));
    assertEquals(late.code, "timeout");
    client.emulator.faults.add(silence);
    const stop = new AbortController();
    const failure = caught(() => fetchIdentity({ issuer, accessToken, signal: stop.signal }));
    await client.untilRequested("userinfo", 2);
    stop.abort();
    assertEquals((await failure).code, "cancelled");
    const answer = () => Promise.resolve(Response.json({ sub: "user_9" }));
    assertEquals((await fetchIdentity({ issuer, accessToken, fetch: answer })).sub, "user_9");
  });

  it("finds the endpoint in the issuer's metadata, even under a path, if told to", async () => {
    const asked: string[] = [];
    const fetch: typeof globalThis.fetch = (input) => {
      asked.push(String(input));
      if (asked.length > 2) return Promise.resolve(Response.json({ sub: "user_9" }));
      return Promise.resolve(Response.json({
        issuer: "https://login.example.com/tenant",
        authorization_endpoint: "https://login.example.com/tenant/a",
        token_endpoint: "https://login.example.com/tenant/t",
        userinfo_endpoint: "https://api.example.com/me",
      }));
    };
    const user = await fetchIdentity({
      issuer: "https://login.example.com/tenant",
      endpoints: "discover",
      endpointOrigins: ["https://api.example.com/"],
      accessToken: "oat_1",
      fetch,
    });
    assertEquals(user.sub, "user_9");
    assertEquals(asked, [
      "https://login.example.com/tenant/.well-known/openid-configuration",
      "https://login.example.com/.well-known/oauth-authorization-server/tenant",
      "https://api.example.com/me",
    ]);
  });

  it("rejects with 'config' for an invalid issuer", async () => {
    assertEquals((await caught(() => fetchIdentity({ issuer: "example", accessToken: "a" }))).code, "config");
  });
});

describe("verifyToken()", () => {
  const endpoint = "https://api.example.com/me";

  it("asks the backend with the token as bearer", async () => {
    const asked: string[] = [];
    const fetch: typeof globalThis.fetch = (input, init) => {
      asked.push(String(input), new Headers(init?.headers).get("authorization") ?? "");
      return Promise.resolve(Response.json({ sub: "mch_1", name: "Builder" }));
    };
    const identity = await verifyToken({ endpoint, token: "ak_1", fetch });
    assertEquals([identity.sub, isMachineIdentity(identity) && identity.name], ["mch_1", "Builder"]);
    assertEquals(asked, [endpoint, "Bearer ak_1"]);
  });

  it("rejects with 'verify_api_key' if the token is rejected, with a status and without the token", async () => {
    const fetch = () => Promise.resolve(Response.json({ error: "invalid_token" }, { status: 401 }));
    const error = await caught(() => verifyToken({ endpoint, token: "ak_marker", fetch }));
    assertEquals([error.code, error.status, error.oauthError], ["verify_api_key", 401, "invalid_token"]);
    assertFalse(everythingSaidBy(error).includes("marker"));
  });

  it("follows no redirect with the token", async () => {
    const fetch = () =>
      Promise.resolve(new Response(null, { status: 302, headers: { location: "https://evil" } }));
    assertEquals(
      (await caught(() => verifyToken({ endpoint, token: "ak_1", fetch }))).code,
      "verify_api_key",
    );
  });

  it("sends nothing over http to another machine", async () => {
    const error = await caught(() => verifyToken({ endpoint: "http://api.example.com/me", token: "ak_1" }));
    assertEquals(error.code, "config");
  });

  it("is also a method of the client, for the configured endpoint", async () => {
    const fetch = () => Promise.resolve(Response.json({ sub: "org_1" }));
    const auth = client.another({ identityEndpoint: endpoint, fetch });
    assertEquals((await auth.verifyToken("ak_1")).sub, "org_1");
    assertEquals((await caught(() => client.auth.verifyToken("ak_1"))).code, "config");
    assertEquals((await caught(() => auth.verifyToken("two words"))).code, "verify_api_key");
  });
});

describe("revokeToken()", () => {
  it("revokes a token", async () => {
    const { refreshToken } = await client.signIn({ lifetimeSeconds: 0 });
    const { issuer } = client;
    const clientId = "emulator-cli";
    await revokeToken({ issuer, clientId, token: refreshToken, tokenTypeHint: "refresh_token" });
    assertEquals(client.requestsTo("revoke")[0]?.form, {
      client_id: clientId,
      token: refreshToken,
      token_type_hint: "refresh_token",
    });
    assertEquals(await client.auth.getAccessToken(), null);
  });

  it("succeeds for a token that the issuer does not know", async () => {
    await revokeToken({ issuer: client.issuer, clientId: "emulator-cli", token: "unknown" });
  });

  it("rejects with 'revoke' if the issuer's metadata names no endpoint for it", async () => {
    const { issuer } = client;
    const metadata = { issuer, authorization_endpoint: `${issuer}/a`, token_endpoint: `${issuer}/t` };
    const fetch = () => Promise.resolve(Response.json(metadata));
    const error = await caught(() =>
      revokeToken({ issuer, endpoints: "discover", clientId: "emulator-cli", token: "rt_1", fetch })
    );
    assertEquals([error.code, error.retryable], ["revoke", false]);
  });

  it("rejects with 'revoke' if it was not revoked", async () => {
    client.emulator.faults.add({ endpoint: "revoke", status: 503 });
    const error = await caught(() =>
      revokeToken({ issuer: client.issuer, clientId: "emulator-cli", token: "rt_marker" })
    );
    assertEquals([error.code, error.retryable], ["revoke", true]);
    assertFalse(everythingSaidBy(error).includes("marker"));
  });
});
