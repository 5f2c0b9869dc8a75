import { assert, assertEquals, assertFalse } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import type { LogoutReport } from "@clerk/cli-auth";
import { caught } from "../harness/caught.ts";
import { holdFetch } from "../harness/held_fetch.ts";
import { mapStore, startTestClient, type TestClient } from "../harness/test_client.ts";

let client: TestClient;

beforeEach(async () => {
  client = await startTestClient();
});
afterEach(() => client.close());

/** The report as plain values. */
function plain({ wasSignedIn, cleared, revocations }: LogoutReport) {
  return {
    wasSignedIn,
    cleared,
    revocations: revocations.map(({ token, revoked, error }) => [token, revoked, error?.code ?? null]),
  };
}

describe("logout()", () => {
  it("revokes the refresh token, and with it the grant, then clears what is stored", async () => {
    const tokens = await client.signIn();
    assertEquals(plain(await client.auth.logout()), {
      wasSignedIn: true,
      cleared: true,
      revocations: [["refresh_token", true, null], ["access_token", true, null]],
    });
    assertEquals(client.requestsTo("revoke").map(({ form }) => form), [{
      client_id: "emulator-cli",
      token: tokens.refreshToken,
      token_type_hint: "refresh_token",
    }]);
    assertEquals([...client.entries], []);
    assertEquals([await client.auth.getAccessToken(), await client.auth.whoami()], [null, null]);
    const userinfo = await fetch(`${client.issuer}/oauth/userinfo`, {
      headers: { authorization: `Bearer ${tokens.accessToken}` },
    });
    await userinfo.body?.cancel();
    assertEquals(userinfo.status, 401);
  });

  it("says that a JWT stays valid until it expires", async () => {
    const tokens = await client.signIn({ format: "jwt" });
    const [, accessToken] = (await client.auth.logout()).revocations;
    assertEquals([accessToken?.revoked, accessToken?.validUntil], [false, tokens.expiresAt]);
  });

  it("asks the issuer nothing if told so", async () => {
    await client.signIn();
    assertEquals(plain(await client.auth.logout({ revoke: false })), {
      wasSignedIn: true,
      cleared: true,
      revocations: [],
    });
    assertEquals([client.emulator.requests.length, client.entries.size], [0, 0]);
  });

  it("does nothing if nobody is signed in", async () => {
    assertEquals(plain(await client.auth.logout()), { wasSignedIn: false, cleared: true, revocations: [] });
    assertEquals(client.emulator.requests.length, 0);
  });

  it("can be called again", async () => {
    await client.signIn();
    await client.auth.logout();
    assertFalse((await client.auth.logout()).wasSignedIn);
  });

  it("revokes the access token if there is no other", async () => {
    const { accessToken } = await client.signIn();
    client.change({ refreshToken: undefined });
    assertEquals(plain(await client.auth.logout()).revocations, [["access_token", true, null]]);
    assertEquals(client.requestsTo("revoke")[0]?.form.token, accessToken);
  });

  const failures: [
    what: string,
    fault: { status?: number; body?: unknown; cut?: "headers" },
    code: string,
  ][] = [
    ["500", { status: 500, body: "<html>" }, "revoke"],
    ["400", { status: 400, body: { error: "unsupported_token_type" } }, "revoke"],
    ["no answer", { cut: "headers" }, "timeout"],
  ];
  for (const [what, fault, code] of failures) {
    it(`clears what is stored whatever the issuer says (${what}), and reports it`, async () => {
      const { expiresAt } = await client.signIn();
      const report = await client.meet({ endpoint: "revoke", ...fault }, () => client.auth.logout());
      assertEquals(plain(report), {
        wasSignedIn: true,
        cleared: true,
        revocations: [["refresh_token", false, code], ["access_token", false, null]],
      });
      assertEquals(report.revocations[1]?.validUntil, expiresAt);
      assertEquals(client.entries.size, 0);
    });
  }

  it("claims no end for a token that has none", async () => {
    await client.signIn();
    client.change({ expiresAt: undefined, refreshToken: undefined });
    client.emulator.faults.add({ endpoint: "revoke", status: 500 });
    const { revocations: [revocation] } = await client.auth.logout();
    assertEquals([revocation?.revoked, revocation && "validUntil" in revocation], [false, false]);
  });

  it("clears what is stored without a network", async () => {
    await client.signIn();
    const offline = client.another({ fetch: () => Promise.reject(new TypeError("no network")) });
    assertEquals(plain(await offline.logout()).revocations, [["refresh_token", false, "revoke"], [
      "access_token",
      false,
      null,
    ]]);
    assertEquals(client.entries.size, 0);
  });

  it("clears a record of another issuer and sends nothing of it", async () => {
    client.entries.set("tokens", '{"accessToken":"a","issuer":"https://other.example","clientId":"x"}');
    assertEquals(plain(await client.auth.logout()), { wasSignedIn: false, cleared: true, revocations: [] });
    assertEquals([client.entries.size, client.emulator.requests.length], [0, 0]);
  });

  for (const text of ["not JSON", "{}"]) {
    it(`clears ${text}, sends nothing of it, and reports that it could not be read`, async () => {
      client.entries.set("tokens", text);
      assertEquals(plain(await client.auth.logout()), {
        wasSignedIn: true,
        cleared: true,
        revocations: [["refresh_token", false, "storage"]],
      });
      assertEquals([client.entries.size, client.emulator.requests.length], [0, 0]);
    });
  }

  it("clears what is left of an ended session", async () => {
    await client.signIn({ lifetimeSeconds: 0 });
    client.emulator.revokeGrants();
    await client.auth.getAccessToken();
    assertEquals(client.entries.size, 1);
    assertFalse((await client.auth.logout()).wasSignedIn);
    assertEquals(client.entries.size, 0);
  });

  it("rejects if the store cannot remove the record", async () => {
    await client.signIn();
    const storage = { ...mapStore(client.entries), delete: () => Promise.reject(new Error("locked")) };
    assertEquals((await caught(() => client.another({ storage }).logout())).code, "storage");
  });

  it("that is aborted leaves what is stored", async () => {
    await client.signIn();
    client.emulator.faults.add({ endpoint: "revoke", cut: "headers" });
    const stop = new AbortController();
    const failure = caught(() => client.auth.logout({ signal: stop.signal }));
    await client.untilRequested("revoke");
    stop.abort();
    assertEquals([(await failure).code, client.entries.size], ["cancelled", 1]);
    assertEquals((await caught(() => client.auth.logout({ signal: AbortSignal.abort() }))).code, "cancelled");
    assertEquals(client.entries.size, 1);
  });

  it("is not undone by a refresh in progress", async () => {
    await client.signIn({ lifetimeSeconds: 0 });
    const { fetch, asked, release } = holdFetch("/oauth/token");
    const refreshed = client.another({ fetch }).getAccessToken();
    await asked;
    const logout = client.auth.logout();
    release();
    const report = await logout;
    assert(await refreshed);
    assertEquals([report.cleared, client.entries.size], [true, 0]);
    assertEquals(client.requestsTo("revoke").at(-1)?.form.token_type_hint, "refresh_token");
    assertEquals(await client.auth.getAccessToken(), null);
  });
});
