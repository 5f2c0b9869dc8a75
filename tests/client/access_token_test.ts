import { assert, assertEquals, assertFalse, assertNotEquals } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import type { EmulatorEndpoint, Fault } from "@clerk/cli-auth/testing";
import { caught, everythingSaidBy } from "../harness/caught.ts";
import { holdFetch } from "../harness/held_fetch.ts";
import { mapStore, startTestClient, type TestClient } from "../harness/test_client.ts";
import { unsignedJwt } from "../harness/unsigned_jwt.ts";

let client: TestClient;

beforeEach(async () => {
  client = await startTestClient();
});
afterEach(() => client.close());

/** Makes the token endpoint fail. */
function tokenFault(fault: Omit<Fault<EmulatorEndpoint>, "endpoint">): void {
  client.emulator.faults.add({ endpoint: "token", ...fault });
}

function eventsOf(type: string) {
  return client.events.filter((event) => event.type === type);
}

describe("getAccessToken() without a refresh", () => {
  it("returns null if nobody is signed in", async () => {
    assertEquals([await client.auth.getAccessToken(), await client.auth.getTokenSet()], [null, null]);
    assertEquals(client.emulator.requests.length, 0);
  });

  it("returns the stored token until 30 seconds before it expires", async () => {
    const { accessToken } = await client.signIn({ lifetimeSeconds: 55 });
    assertEquals(await client.auth.getAccessToken(), accessToken);
    assertEquals(client.emulator.requests.length, 0);
  });

  it("returns a token of unknown lifetime until the server rejects it", async () => {
    const { accessToken } = await client.signIn();
    client.change({ expiresAt: undefined });
    assertEquals(await client.auth.getAccessToken(), accessToken);
    assertEquals(client.emulator.requests.length, 0);
  });

  it("reads the store each time", async () => {
    const { accessToken } = await client.signIn();
    assertEquals(await client.auth.getAccessToken(), accessToken);
    client.change({ accessToken: "replaced" });
    assertEquals(await client.auth.getAccessToken(), "replaced");
    client.entries.clear();
    assertEquals(await client.auth.getAccessToken(), null);
  });
});

describe("getAccessToken() refreshes", () => {
  it("a token that expires within 30 seconds, and stores the new one", async () => {
    const old = await client.signIn({ lifetimeSeconds: 25 });
    const token = await client.auth.getAccessToken();
    assertNotEquals(token, old.accessToken);
    const stored = await client.auth.getTokenSet();
    assertEquals([stored?.accessToken, stored?.idToken !== undefined], [token, true]);
    assertNotEquals(stored?.refreshToken, old.refreshToken);
    assert(stored!.expiresAt! > Date.now() + 80_000_000);
    assertEquals(eventsOf("refreshed"), [{ type: "refreshed", expiresAt: stored!.expiresAt! }]);
  });

  it("with the refresh token and nothing else", async () => {
    const { refreshToken } = await client.signIn({ lifetimeSeconds: 0 });
    await client.auth.getAccessToken();
    assertEquals(client.requestsTo("token").map(({ form }) => form), [{
      grant_type: "refresh_token",
      client_id: "emulator-cli",
      refresh_token: refreshToken,
    }]);
  });

  it("as early as requested", async () => {
    await client.signIn({ lifetimeSeconds: 100 });
    await client.auth.getAccessToken({ minValidityMs: 60_000 });
    assertEquals(client.requestsTo("token").length, 0);
    await client.auth.getAccessToken({ minValidityMs: 200_000 });
    assertEquals(client.requestsTo("token").length, 1);
  });

  it("a token that looks valid, if it must", async () => {
    const { accessToken } = await client.signIn();
    assertNotEquals(await client.auth.getAccessToken({ forceRefresh: true }), accessToken);
  });

  it("once for fifty concurrent callers", async () => {
    await client.signIn({ lifetimeSeconds: 0 });
    const tokens = await Promise.all(Array.from({ length: 50 }, () => client.auth.getAccessToken()));
    assertEquals(new Set(tokens).size, 1);
    assert(tokens[0]);
    assertEquals(client.requestsTo("token").length, 1);
  });

  it("once for several clients on one store", async () => {
    await client.signIn({ lifetimeSeconds: 0 });
    const tokens = await Promise.all(
      Array.from({ length: 10 }, () => client.another().getAccessToken()),
    );
    assertEquals([new Set(tokens).size, client.requestsTo("token").length], [1, 1]);
  });

  it("again when that token has expired as well", async () => {
    await client.signIn({ lifetimeSeconds: 0 });
    client.emulator.behavior.accessTokenLifetimeSeconds = 1;
    for (let round = 1; round <= 3; round++) {
      assert(await client.auth.getAccessToken());
      assertEquals(client.requestsTo("token").length, round);
    }
  });

  it("and keeps the refresh token if the issuer returns no new one", async () => {
    client.emulator.behavior.rotateRefreshTokens = false;
    const { refreshToken, scope } = await client.signIn({ lifetimeSeconds: 0 });
    await client.auth.getAccessToken();
    const stored = await client.auth.getTokenSet();
    assertEquals([stored?.refreshToken, stored?.scope], [refreshToken, scope]);
    assert(await client.auth.getAccessToken({ forceRefresh: true }));
  });

  it("and forgets the old expiry if the issuer returns no new one", async () => {
    client.emulator.behavior.omitExpiresIn = true;
    await client.signIn({ lifetimeSeconds: 0 });
    const token = await client.auth.getAccessToken();
    assertEquals((await client.auth.getTokenSet())?.expiresAt, undefined);
    assertEquals(await client.auth.getAccessToken(), token);
    assertEquals(client.requestsTo("token").length, 1);
  });

  it("and uses the expiry of a JWT if the issuer returns none", async () => {
    const exp = Math.floor(Date.now() / 1000) + 1000;
    const body = { access_token: unsignedJwt({ exp }), token_type: "Bearer" };
    await client.signIn({ lifetimeSeconds: 0 });
    tokenFault({ body });
    await client.auth.getAccessToken();
    assert(Math.abs((await client.auth.getTokenSet())!.expiresAt! - exp * 1000) < 5000);
  });

  it("and accepts nobody else's tokens instead (OpenID Connect Core 1.0, section 12.2)", async () => {
    const old = await client.signIn({ lifetimeSeconds: 0 });
    for (const claims of [{ sub: "user_2" }, { sub: "user_1", iss: "https://other.example" }]) {
      client.change({ idToken: unsignedJwt({ sub: "user_1", iss: client.issuer }) });
      tokenFault({
        body: { access_token: "oat_x", refresh_token: "rt_x", id_token: unsignedJwt(claims) },
      });
      assertEquals((await caught(() => client.auth.getAccessToken())).code, "token_exchange");
      assertEquals(client.record()?.refreshToken, old.refreshToken);
    }
  });
});

describe("getAccessToken() ends the session", () => {
  for (const status of [400, 401] as const) {
    it(`for good when the issuer rejects the refresh token (${status})`, async () => {
      client.emulator.behavior.invalidGrantStatus = status;
      await client.signIn({ lifetimeSeconds: 0 });
      client.emulator.revokeGrants();
      assertEquals(await client.auth.getAccessToken(), null);
      assertEquals(eventsOf("session_ended"), [{ type: "session_ended", reason: "invalid_grant" }]);
      assertEquals([await client.auth.getAccessToken(), await client.auth.getTokenSet()], [null, null]);
      assertEquals(client.requestsTo("token").length, 1);
      assertEquals(await client.auth.whoami(), null);
    });
  }

  it("for all concurrent callers, with one event", async () => {
    await client.signIn({ lifetimeSeconds: 0 });
    client.emulator.revokeGrants();
    const tokens = await Promise.all(Array.from({ length: 20 }, () => client.auth.getAccessToken()));
    assertEquals([...new Set(tokens)], [null]);
    assertEquals([eventsOf("session_ended").length, client.requestsTo("token").length], [1, 1]);
  });

  it("when a token without a refresh token has expired", async () => {
    await client.signIn({ lifetimeSeconds: 20 });
    client.change({ refreshToken: undefined });
    assert(await client.auth.getAccessToken());
    client.change({ expiresAt: Date.now() - 1 });
    assertEquals(await client.auth.getAccessToken(), null);
    assertEquals(eventsOf("session_ended"), [{ type: "session_ended", reason: "expired" }]);
  });

  it("and keeps no token then", async () => {
    const { accessToken, refreshToken, idToken } = await client.signIn({ lifetimeSeconds: 0 });
    client.emulator.revokeGrants();
    await client.auth.getAccessToken();
    const stored = [...client.entries.values()].join();
    for (const token of [accessToken, refreshToken, idToken]) assertFalse(stored.includes(token!));
  });

  it("but not one that another process has just signed in", async () => {
    const storage = mapStore(client.entries);
    const auth = client.another({
      storage: {
        ...storage,
        get: (key) => {
          const text = client.entries.get(key);
          if (++reads === 3) client.change({ refreshToken: "rt_of_another_login", accessToken: "oat_new" });
          return reads === 3 ? client.entries.get(key) : text;
        },
      },
    });
    let reads = 0;
    await client.signIn({ lifetimeSeconds: 0 });
    client.emulator.revokeGrants();
    assertEquals(await auth.getAccessToken(), "oat_new");
    assertEquals(eventsOf("session_ended"), []);
  });

  it("until the next login", async () => {
    await client.signIn({ lifetimeSeconds: 0 });
    client.emulator.revokeGrants();
    await client.auth.getAccessToken();
    await client.auth.login();
    assertEquals((await client.auth.whoami())?.email, "ada@example.com");
  });
});

describe("getAccessToken() that waited for its turn", () => {
  it("returns null if a logout was faster", async () => {
    await client.signIn({ lifetimeSeconds: 25 });
    let reads = 0;
    const store = mapStore(client.entries);
    const storage = { ...store, get: (key: string) => ++reads === 1 ? store.get(key) : null };
    assertEquals(await client.another({ storage }).getAccessToken(), null);
    assertEquals(client.emulator.requests.length, 0);
  });
});

describe("getAccessToken() keeps the session", () => {
  it("and reports once a failure that several callers share", async () => {
    const { accessToken } = await client.signIn({ lifetimeSeconds: 25 });
    tokenFault({ status: 503 });
    const auth = client.another();
    assertEquals(await Promise.all([auth.getAccessToken(), auth.getAccessToken()]), [
      accessToken,
      accessToken,
    ]);
    assertEquals([client.requestsTo("token").length, eventsOf("refresh_failed").length], [1, 1]);
  });

  const passing: Record<string, Omit<Fault<EmulatorEndpoint>, "endpoint">> = {
    "500": { status: 500 },
    "503": { status: 503, body: "<html>maintenance" },
    "429": { status: 429, body: { error: "slow_down" } },
    "403": { status: 403, body: "blocked by a proxy" },
    "400 without an error code": { status: 400, body: {} },
    "400 with another error": { status: 400, body: { error: "invalid_client" } },
    "a redirect": { status: 302, headers: { location: "/login" } },
    "HTML": { body: "<html>captive portal" },
    "nothing": { body: "" },
    "no answer": { cut: "headers" },
  };
  for (const [what, fault] of Object.entries(passing)) {
    const ask = () => client.meet({ endpoint: "token", ...fault }, () => client.auth.getAccessToken());

    it(`through ${what}: an old token that is still valid is used`, async () => {
      const old = await client.signIn({ lifetimeSeconds: 25 });
      assertEquals(await ask(), old.accessToken);
      assertEquals([eventsOf("session_ended"), eventsOf("refresh_failed").length], [[], 1]);
      assertEquals(client.record()?.refreshToken, old.refreshToken);
    });

    it(`through ${what}: if the old token has expired, the call fails and the next one works`, async () => {
      const old = await client.signIn({ lifetimeSeconds: 0 });
      const error = await caught(ask);
      assert(["token_exchange", "timeout"].includes(error.code));
      assertFalse(everythingSaidBy(error).includes(old.refreshToken));
      assertEquals(eventsOf("session_ended"), []);
      assert(await client.auth.getAccessToken());
    });
  }

  it("while a token is valid whose refresh was answered on a broken connection", async () => {
    const old = await client.signIn({ lifetimeSeconds: 25 });
    tokenFault({ cut: "body" });
    assertEquals(await client.auth.getAccessToken(), old.accessToken);
    assertEquals(client.record()?.refreshToken, old.refreshToken);
    assertEquals(eventsOf("session_ended"), []);
  });

  it("while the issuer cannot be reached", async () => {
    const old = await client.signIn({ lifetimeSeconds: 25 });
    const offline = client.another({ fetch: () => Promise.reject(new TypeError("no network")) });
    assertEquals(await offline.getAccessToken(), old.accessToken);
    const error = await caught(() => offline.getAccessToken({ forceRefresh: true }));
    assertEquals([error.code, error.retryable], ["token_exchange", true]);
    assert(client.record()?.refreshToken);
  });
});

describe("getAccessToken() that is aborted", () => {
  it("rejects at once while another caller gets the token", async () => {
    await client.signIn({ lifetimeSeconds: 0 });
    const { fetch, asked, release } = holdFetch("/oauth/token");
    const auth = client.another({ fetch });
    const controller = new AbortController();
    const [given, other] = [
      caught(() => auth.getAccessToken({ signal: controller.signal })),
      auth.getAccessToken(),
    ];
    await asked;
    controller.abort();
    assertEquals((await given).code, "cancelled");
    release();
    assert(await other);
    assertEquals(client.requestsTo("token").length, 1);
  });

  it("finishes and saves a refresh that was sent", async () => {
    const old = await client.signIn({ lifetimeSeconds: 0 });
    const { fetch, asked, release } = holdFetch("/oauth/token");
    const controller = new AbortController();
    const call = client.another({ fetch }).getAccessToken({ signal: controller.signal });
    await asked;
    controller.abort();
    release();
    assertEquals((await caught(() => call)).code, "cancelled");
    assertNotEquals(client.record()?.refreshToken, old.refreshToken);
    assert(await client.auth.getAccessToken());
    assertEquals(client.requestsTo("token").length, 1);
  });

  it("sends nothing if its signal has already aborted", async () => {
    await client.signIn({ lifetimeSeconds: 0 });
    const error = await caught(() => client.auth.getAccessToken({ signal: AbortSignal.abort() }));
    assertEquals([error.code, client.requestsTo("token").length], ["cancelled", 0]);
  });
});

describe("a custom store", () => {
  it("may hold only an access token and a refresh token; they are bound by the next save", async () => {
    const { accessToken, refreshToken } = await client.signIn();
    client.entries.set("tokens", JSON.stringify({ accessToken, refreshToken }));
    assertEquals(await client.auth.getAccessToken(), accessToken);
    assertEquals({ ...await client.auth.getTokenSet() }, { accessToken, refreshToken });
    assertEquals((await client.auth.whoami())?.email, "ada@example.com");
    await client.auth.getAccessToken({ forceRefresh: true });
    const { issuer, clientId } = client.record()!;
    assertEquals([issuer, clientId], [client.issuer, "emulator-cli"]);
  });

  const foreign = { issuer: "https://other.example", clientId: "other" };
  for (const [member, value] of Object.entries(foreign)) {
    it(`with a record of another ${member} belongs to nobody, and nothing of it is sent`, async () => {
      await client.signIn();
      client.change({ [member]: value });
      const before = client.entries.get("tokens");
      assertEquals([await client.auth.getAccessToken(), await client.auth.getTokenSet()], [null, null]);
      assertEquals([await client.auth.whoami(), client.emulator.requests.length], [null, 0]);
      assertEquals(client.entries.get("tokens"), before);
    });
  }

  for (const text of ["not JSON", "[]", "{}", '{"accessToken":7}', '{"accessToken":""}', "null"]) {
    it(`with ${text} is a storage error, and never quoted`, async () => {
      client.entries.set("tokens", text);
      const error = await caught(() => client.auth.getAccessToken());
      assertEquals(error.code, "storage");
      assert(error.action);
    });
  }

  it("that fails is a storage error with its cause", async () => {
    const cause = new Error("the vault is closed");
    const storage = { ...mapStore(new Map()), get: () => Promise.reject(cause) };
    const error = await caught(() => client.another({ storage }).getAccessToken());
    assertEquals([error.code, error.cause], ["storage", cause]);
  });

  it("that throws synchronously is a storage error too", async () => {
    const storage = {
      ...mapStore(new Map()),
      get: () => {
        throw new Error("the vault is closed");
      },
    };
    assertEquals((await caught(() => client.another({ storage }).getTokenSet())).code, "storage");
  });
});
