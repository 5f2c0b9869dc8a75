import { assert, assertEquals, assertFalse } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { caught, everythingSaidBy } from "../harness/caught.ts";
import { startTestClient, type TestClient } from "../harness/test_client.ts";

let client: TestClient;

beforeEach(async () => {
  client = await startTestClient();
});
afterEach(() => client.close());

describe("whoami()", () => {
  it("returns null, and asks nobody, if nobody is signed in", async () => {
    assertEquals([await client.auth.whoami(), client.emulator.requests.length], [null, 0]);
  });

  it("returns the user as the issuer knows it now, never from a cache", async () => {
    await client.signIn();
    assertEquals((await client.auth.whoami())?.name, "Ada Lovelace");
    client.emulator.user.firstName = "Augusta";
    assertEquals((await client.auth.whoami())?.name, "Augusta Lovelace");
    assertEquals(client.requestsTo("userinfo").length, 2);
  });

  it("refreshes an expired token before it asks", async () => {
    await client.signIn({ lifetimeSeconds: 0 });
    assertEquals((await client.auth.whoami())?.email, "ada@example.com");
    assertEquals(client.emulator.requests.map(({ endpoint }) => endpoint), ["token", "userinfo"]);
  });

  it("refreshes once if the issuer rejects the token, and asks again", async () => {
    await client.signIn();
    client.emulator.expireAccessTokens();
    assertEquals((await client.auth.whoami())?.email, "ada@example.com");
    assertEquals(client.emulator.requests.map(({ endpoint }) => endpoint), ["userinfo", "token", "userinfo"]);
  });

  it("does not keep refreshing if the issuer rejects the new token too", async () => {
    await client.signIn();
    client.emulator.faults.add({ endpoint: "userinfo", times: 9, status: 401, body: { errors: [] } });
    const error = await caught(() => client.auth.whoami());
    assertEquals([error.code, error.status], ["userinfo", 401]);
    assertEquals([client.requestsTo("userinfo").length, client.requestsTo("token").length], [2, 1]);
    assert(await client.auth.getTokenSet());
  });

  it("returns null if the session turns out to be over", async () => {
    await client.signIn();
    client.emulator.revokeGrants();
    assertEquals([await client.auth.whoami(), await client.auth.getTokenSet()], [null, null]);
  });

  const failures: [
    what: string,
    fault: { status?: number; body?: unknown; cut?: "headers" },
    code: string,
  ][] = [
    ["500", { status: 500 }, "userinfo"],
    ["403", { status: 403 }, "userinfo"],
    ["HTML", { body: "<html>" }, "userinfo"],
    ["no subject", { body: { email: "ada@example.com" } }, "userinfo"],
    ["no answer", { cut: "headers" }, "timeout"],
  ];
  for (const [what, fault, code] of failures) {
    it(`rejects with '${code}' on ${what}, and changes nothing`, async () => {
      const tokens = await client.signIn();
      const error = await caught(() =>
        client.meet({ endpoint: "userinfo", ...fault }, () => client.auth.whoami())
      );
      assertEquals(error.code, code);
      assertFalse(everythingSaidBy(error).includes(tokens.accessToken));
      assertEquals([client.record()?.refreshToken, client.requestsTo("token").length], [
        tokens.refreshToken,
        0,
      ]);
    });
  }

  it("can be aborted", async () => {
    await client.signIn();
    client.emulator.faults.add({ endpoint: "userinfo", cut: "headers" });
    const stop = new AbortController();
    const failure = caught(() => client.auth.whoami({ signal: stop.signal }));
    await client.untilRequested("userinfo");
    stop.abort();
    assertEquals((await failure).code, "cancelled");
  });
});
