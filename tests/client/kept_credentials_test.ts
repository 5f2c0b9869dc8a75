import { assertEquals } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { caught } from "../harness/caught.ts";
import { namesOf, startTestClient, type TestClient } from "../harness/test_client.ts";

let client: TestClient;
beforeEach(async () => {
  client = await startTestClient();
});
afterEach(() => client.close());

describe("a token that cannot be refreshed", () => {
  beforeEach(async () => {
    await client.signIn();
    client.change({ refreshToken: undefined });
  });

  for (
    const [what, expiresAt] of [["valid", Date.now() + 3_600_000], [
      "of unknown lifetime",
      undefined,
    ]] as const
  ) {
    it(`is kept if userinfo rejects it (${what})`, async () => {
      client.change({ expiresAt });
      const before = client.record();
      client.emulator.faults.add({ endpoint: "userinfo", status: 401, times: 9 });
      const error = await caught(() => client.auth.whoami());
      assertEquals([error.code, error.status], ["userinfo", 401]);
      assertEquals([client.record(), namesOf(client.events)], [before, []]);
    });

    it(`is kept if a refresh is forced, which fails (${what})`, async () => {
      client.change({ expiresAt });
      const before = client.record();
      const error = await caught(() => client.auth.getAccessToken({ forceRefresh: true }));
      assertEquals([error.code, error.message, error.action], [
        "not_authenticated",
        "The stored token cannot be refreshed",
        "Sign in again",
      ]);
      assertEquals([client.record(), namesOf(client.events)], [before, []]);
    });
  }

  it("ends its session once it has expired", async () => {
    client.change({ expiresAt: Date.now() - 1_000 });
    assertEquals(await client.auth.getAccessToken(), null);
    assertEquals(namesOf(client.events), ["session_ended"]);
  });
});

describe("a stored API key", () => {
  it("is never sent to the issuer", async () => {
    await client.signIn();
    client.change({ accessToken: "ak_secret", refreshToken: undefined, expiresAt: undefined });
    await caught(() => client.auth.whoami());
    await caught(() => client.auth.getAccessToken({ forceRefresh: true }));
    await client.auth.logout();
    assertEquals(client.emulator.requests, []);
  });
});

describe("refreshed tokens that cannot be stored", () => {
  it("are used from memory, until a later refresh can store them", async () => {
    await client.signIn();
    client.change({ expiresAt: Date.now() - 1_000 });
    let isFull = false;
    const { entries } = client;
    const auth = client.another({
      storage: {
        get: (key) => entries.get(key),
        set: (key, value) => {
          if (isFull) throw new Error("disk full");
          entries.set(key, value);
        },
        delete: (key) => entries.delete(key),
      },
    });
    const before = client.record();
    isFull = true;
    const token = await auth.getAccessToken();
    assertEquals([token === null, token === before?.accessToken, client.record()], [false, false, before]);
    assertEquals(namesOf(client.events), ["refresh_failed"]);
    assertEquals(await auth.getAccessToken(), token);
    isFull = false;
    const next = await auth.getAccessToken({ forceRefresh: true });
    assertEquals([client.record()?.accessToken, client.requestsTo("token").length], [next, 2]);
    assertEquals(client.requestsTo("token").map(({ status }) => status), [200, 200]);
  });

  it("are revoked by a logout", async () => {
    await client.signIn();
    client.change({ expiresAt: Date.now() - 1_000 });
    const { entries } = client;
    const auth = client.another({
      storage: {
        get: (key) => entries.get(key),
        set: () => Promise.reject(new Error("disk full")),
        delete: (key) => entries.delete(key),
      },
    });
    await auth.getAccessToken();
    const [revocation] = (await auth.logout()).revocations;
    assertEquals([revocation?.revoked, client.emulator.revokeGrants()], [true, 0]);
  });
});

describe("logout() after an interrupted refresh", () => {
  beforeEach(async () => {
    await client.signIn();
    client.change({ refreshing: true });
  });

  it("revokes the grant if the refresh token was not used up", async () => {
    const [revocation] = (await client.auth.logout()).revocations;
    assertEquals([revocation?.revoked, client.emulator.revokeGrants()], [true, 0]);
    assertEquals(client.record(), undefined);
  });

  it("does not claim that the grant is revoked if its refresh token is lost", async () => {
    client.emulator.faults.add({ endpoint: "token", status: 400, body: { error: "invalid_grant" } });
    const { revocations, cleared } = await client.auth.logout();
    assertEquals([cleared, client.record()], [true, undefined]);
    assertEquals(revocations.map(({ token, revoked, error }) => [token, revoked, error?.code]), [
      ["refresh_token", false, "token_exchange"],
    ]);
    assertEquals(client.requestsTo("revoke"), []);
  });
});

describe("the profile named default", () => {
  it("is used if no profile is named", async () => {
    await client.signIn();
    const named = client.another({ profile: "default" });
    assertEquals(await named.getAccessToken(), client.record()?.accessToken);
    assertEquals(await client.auth.withProfile("default").getAccessToken(), client.record()?.accessToken);
  });
});
