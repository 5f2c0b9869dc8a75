import { assert, assertEquals, assertFalse, assertNotEquals, assertStringIncludes } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { caught } from "../harness/caught.ts";
import { startTestClient, type TestClient } from "../harness/test_client.ts";

let client: TestClient;

beforeEach(async () => {
  client = await startTestClient();
});
afterEach(() => client.close());

function whatBecameOfPrevious() {
  return client.events.findLast(({ type }) => type === "previous_revoked");
}

describe("login() over another sign-in", () => {
  it("stores the new tokens, revokes the old grant, then asks who signed in", async () => {
    const { tokens: old } = await client.auth.login();
    client.emulator.requests.length = 0;
    const { tokens } = await client.auth.login();
    assertNotEquals(tokens.refreshToken, old.refreshToken);
    assertEquals(client.record()?.refreshToken, tokens.refreshToken);
    const [revocation] = client.requestsTo("revoke");
    assertEquals(revocation?.form, {
      client_id: "emulator-cli",
      token: old.refreshToken!,
      token_type_hint: "refresh_token",
    });
    assertEquals(client.emulator.requests.slice(-3).map(({ endpoint }) => endpoint), [
      "token",
      "revoke",
      "userinfo",
    ]);
    assertEquals(whatBecameOfPrevious(), { type: "previous_revoked", revoked: true });
  });

  it("leaves it alone if told to", async () => {
    const auth = client.another({ revokePrevious: false });
    await auth.login();
    await auth.login();
    assertEquals(client.requestsTo("revoke").length, 0);
  });

  it("signs in even if the old grant cannot be revoked, and reports it", async () => {
    await client.auth.login();
    client.emulator.faults.add({ endpoint: "revoke", status: 503 });
    assertEquals((await client.auth.login()).user.email, "ada@example.com");
    assertEquals(whatBecameOfPrevious(), { type: "previous_revoked", revoked: false });
  });

  it("signs in even if the old refresh token has long been dead", async () => {
    await client.auth.login();
    client.change({ refreshToken: "rt_unknown" });
    assertEquals((await client.auth.login()).user.email, "ada@example.com");
  });

  it("revokes an access token that came without a refresh token", async () => {
    const auth = client.another({ scopes: ["openid", "email"] });
    const { tokens: old } = await auth.login();
    assertEquals(old.refreshToken, undefined);
    await auth.login();
    assertEquals(client.requestsTo("revoke").map(({ form }) => [form.token, form.token_type_hint]), [
      [old.accessToken, "access_token"],
    ]);
  });

  it("signs in if the issuer keeps one grant for both, or revoking ended both", async () => {
    client.emulator.behavior.shareGrantOnRelogin = true;
    await client.auth.login();
    const error = await caught(() => client.auth.login());
    assertEquals([error.code, error.status], ["userinfo", 401]);
    assertStringIncludes(error.message, "previous sign-in");
    assertStringIncludes(error.action, "revokePrevious");
    assertEquals([await client.auth.getTokenSet(), [...client.entries]], [null, []]);
    assertEquals((await client.auth.login()).user.email, "ada@example.com");
    assertEquals(
      (await client.another({ revokePrevious: false }).login()).user.email,
      "ada@example.com",
    );
  });

  it("leaves it alone if the new sign-in has the same refresh token", async () => {
    const fetch: typeof globalThis.fetch = async (...request) => {
      const answer = await globalThis.fetch(...request);
      if (!answer.url.endsWith("/oauth/token")) return answer;
      return Response.json({ ...await answer.json(), refresh_token: "rt_of_both" });
    };
    const auth = client.another({ fetch });
    await auth.login();
    assertEquals((await auth.login()).tokens.refreshToken, "rt_of_both");
    assertEquals([client.requestsTo("revoke").length, whatBecameOfPrevious()], [0, undefined]);
  });

  it("keeps the new tokens if an error other than a 401 keeps it from asking who signed in", async () => {
    await client.auth.login();
    client.emulator.faults.add({ endpoint: "userinfo", status: 403 });
    const error = await caught(() => client.auth.login());
    assertEquals([error.code, error.status], ["userinfo", 403]);
    assertEquals(whatBecameOfPrevious(), { type: "previous_revoked", revoked: true });
    assertEquals((await client.auth.whoami())?.email, "ada@example.com");
  });

  it("keeps the tokens of a first sign-in that userinfo rejects: nothing was revoked that could have killed them", async () => {
    client.emulator.faults.add({ endpoint: "userinfo", status: 401 });
    const error = await caught(() => client.auth.login());
    assertEquals([error.code, error.status], ["userinfo", 401]);
    assertFalse(error.message.includes("previous"));
    assertEquals((await client.auth.whoami())?.email, "ada@example.com");
  });

  it("reports only userinfo's rejection if a logout came in between", async () => {
    await client.auth.login();
    const fetch: typeof globalThis.fetch = async (...request) => {
      if (!String(request[0]).endsWith("/oauth/userinfo")) return await globalThis.fetch(...request);
      client.entries.clear();
      return new Response(null, { status: 401 });
    };
    const error = await caught(() => client.another({ fetch }).login());
    assertEquals([error.code, error.status, [...client.entries]], ["userinfo", 401, []]);
    assertFalse(error.message.includes("previous"));
  });

  it("keeps the new tokens if the access token expired before anyone could ask", async () => {
    await client.auth.login();
    client.emulator.behavior.accessTokenLifetimeSeconds = 0;
    const error = await caught(() => client.auth.login());
    assertEquals([error.code, error.status], ["userinfo", 401]);
    client.emulator.behavior.accessTokenLifetimeSeconds = 3600;
    assertEquals((await client.auth.whoami())?.email, "ada@example.com");
  });

  it("keeps what another process refreshed meanwhile, and does not blame the old grant", async () => {
    await client.auth.login();
    const auth = client.another({
      fetch: async (input, init) => {
        const isLast = String(input).endsWith("/oauth/userinfo");
        if (isLast) await client.another().getAccessToken({ forceRefresh: true });
        return await fetch(input, init);
      },
    });
    const error = await caught(() => auth.login());
    assertEquals([error.code, error.status], ["userinfo", 401]);
    assertFalse(error.message.includes("previous sign-in"));
    assertEquals((await client.auth.whoami())?.email, "ada@example.com");
  });
});

describe("login() over a foreign record", () => {
  const records: Record<string, string> = {
    "text": "not JSON",
    "a list": "[]",
    "no tokens": "{}",
    "another issuer's tokens": JSON.stringify({
      accessToken: "foreign",
      refreshToken: "foreign",
      issuer: "https://other.example",
      clientId: "emulator-cli",
    }),
    "another client's tokens": JSON.stringify({
      accessToken: "foreign",
      refreshToken: "foreign",
      issuer: "ISSUER",
      clientId: "other",
    }),
  };
  for (const [what, text] of Object.entries(records)) {
    it(`(${what}) replaces it and sends nothing of it`, async () => {
      client.entries.set("tokens", text.replace("ISSUER", client.issuer));
      const { tokens } = await client.auth.login();
      assertEquals(client.record()?.accessToken, tokens.accessToken);
      assertEquals(client.requestsTo("revoke").length, 0);
      assert(!JSON.stringify(client.emulator.requests).includes("foreign"));
    });
  }

  it("signs in even if the store cannot be read", async () => {
    const entries = new Map<string, string>();
    const auth = client.another({
      storage: {
        get: () => Promise.reject(new Error("unreadable")),
        set: (key, value) => void entries.set(key, value),
        delete: (key) => entries.delete(key),
      },
    });
    await auth.login();
    assert(entries.has("tokens"));
  });
});
