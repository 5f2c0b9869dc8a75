import { assertEquals, assertStringIncludes } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { ClerkCliAuth } from "@clerk/cli-auth";
import { caught } from "../harness/caught.ts";
import { startTestClient, type TestClient } from "../harness/test_client.ts";

/** Unlike a normalized URL. */
const RESOURCE = "https://API.example.com";

let client: TestClient;
beforeEach(async () => {
  client = await startTestClient({ resource: RESOURCE });
});
afterEach(() => client.close());

/** The resources requested from the token endpoint. */
function asked(): (string | undefined)[] {
  return client.requestsTo("token").map(({ form }) => form.resource);
}

describe("'resource'", () => {
  it("is sent exactly as written, at every step, and kept in the record", async () => {
    await client.auth.login();
    const [authorization] = client.events.filter((event) => event.type === "authorize_url");
    assertEquals(new URL(authorization!.url).searchParams.get("resource"), RESOURCE);
    assertEquals(client.record()?.resource, RESOURCE);
    await client.auth.getAccessToken({ forceRefresh: true });
    assertEquals([asked(), client.record()?.resource], [[RESOURCE, RESOURCE], RESOURCE]);
  });

  it("of a refresh is the one that was granted, whatever is configured by now", async () => {
    await client.auth.login();
    await client.another({ resource: "https://other.example" }).getAccessToken({ forceRefresh: true });
    const { resource: _, ...without } = client.config;
    await new ClerkCliAuth(without).getAccessToken({ forceRefresh: true });
    assertEquals(asked(), [RESOURCE, RESOURCE, RESOURCE]);
  });

  it("that the issuer does not know is a 'config' error of a login", async () => {
    client.emulator.faults.add({ endpoint: "token", status: 400, body: { error: "invalid_target" } });
    const error = await caught(() => client.auth.login());
    assertEquals([error.code, error.oauthError, error.action, client.record()], [
      "config",
      "invalid_target",
      "Check 'resource'",
      undefined,
    ]);
  });

  it("that the issuer no longer knows never ends a session", async () => {
    await client.auth.login();
    client.emulator.faults.add({ endpoint: "token", status: 400, body: { error: "invalid_target" } });
    const before = client.record();
    assertEquals(
      (await caught(() => client.auth.getAccessToken({ forceRefresh: true }))).code,
      "token_exchange",
    );
    assertEquals(client.record(), before);
  });

  for (const resource of ["api", "https://api.example#part", ""]) {
    it(`must be an absolute URI without a fragment: not ${JSON.stringify(resource)}`, async () => {
      const error = await caught(() => Promise.resolve().then(() => client.another({ resource })));
      assertEquals(error.code, "config");
      assertStringIncludes(error.message, "absolute URI");
    });
  }
});

describe("a refresh", () => {
  it("that is rejected because a scope is gone keeps the session, and says which scopes it had", async () => {
    await client.auth.login();
    const before = client.record();
    client.emulator.faults.add({ endpoint: "token", status: 400, body: { error: "invalid_scope" } });
    const error = await caught(() => client.auth.getAccessToken({ forceRefresh: true }));
    assertEquals([error.code, error.oauthError, error.retryable, error.action], [
      "token_exchange",
      "invalid_scope",
      false,
      "Sign in again",
    ]);
    assertStringIncludes(error.message, "profile, email, openid, offline_access");
    assertEquals(client.record(), before);
  });

  it("that is told to retry does, and no sooner than told", async () => {
    await client.auth.login();
    const headers = { "retry-after": "0" };
    client.emulator.faults.add({ endpoint: "token", status: 429, headers, body: "" });
    assertEquals(await client.auth.getAccessToken({ forceRefresh: true }), client.record()?.accessToken);
    client.emulator.faults.add({
      endpoint: "token",
      status: 429,
      headers: { "retry-after": "60" },
      body: "",
    });
    const error = await caught(() => client.auth.getAccessToken({ forceRefresh: true }));
    assertEquals([error.status, error.retryable, error.retryAfterMs], [429, true, 60_000]);
    assertEquals(client.requestsTo("token").map(({ status }) => status), [200, 429, 200, 429]);
  });
});
