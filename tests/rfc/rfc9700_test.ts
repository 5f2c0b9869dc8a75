import { assert, assertEquals, assertFalse, assertMatch, assertStringIncludes } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { cliAuth, handle } from "@clerk/cli-auth/server";
import { createScriptedBrowser } from "@clerk/cli-auth/testing";
import { caught } from "../harness/caught.ts";
import { startTestClient, type TestClient } from "../harness/test_client.ts";
import {
  bringHome,
  changedResponse,
  loginWith,
  openerThat,
  visit,
} from "./support/authorization_response.ts";
import { startResourceServer } from "./support/resource_server.ts";

let client: TestClient;

beforeEach(async () => {
  client = await startTestClient();
});
afterEach(() => client.close());

/** The authorization requests so far. */
const requests = () => client.requestsTo("authorize").map(({ query }) => query);

describe("RFC 9700, the client", () => {
  it("section 2.1: MUST NOT be an open redirector: no request to the listener decides where it redirects", async () => {
    const locations: (string | null)[] = [];
    const openBrowser = openerThat(async (response) => {
      for (const name of ["next", "redirect_uri", "url", "location"]) {
        response.searchParams.set(name, "https://evil.example/");
      }
      for (const path of ["//evil.example", "/done/https://evil.example", "/?next=https://evil.example"]) {
        const stray = await fetch(response.origin + path, { redirect: "manual" });
        await stray.body?.cancel();
        locations.push(stray.headers.get("location"));
      }
      const answer = await fetch(response, { redirect: "manual" });
      await answer.body?.cancel();
      locations.push(answer.headers.get("location"));
    });
    await loginWith(client, openBrowser);
    const last = locations.pop();
    assertEquals(locations, [null, null, null]);
    assertMatch(last ?? "", /^\/done\/[\w-]{43}$/);
  });

  it("section 2.1: MUST prevent cross-site request forgery: a response to another request changes nothing", async () => {
    const attacker = await client.browser.signIn(
      await authorizationUrlOf(client),
      { visitCallback: false },
    );
    const openBrowser = openerThat(async (response) => {
      const forged = new URL(response);
      forged.search = new URL(attacker.url).search;
      assertEquals((await visit(forged)).status, 400);
      await bringHome(response);
    });
    const { user } = await loginWith(client, openBrowser);
    assertEquals([user.sub, client.requestsTo("token").length], [client.emulator.user.id, 1]);
  });

  it("section 2.1.1: public clients MUST use PKCE, with a challenge that does not reveal the verifier", async () => {
    await client.auth.login();
    assertEquals(requests()[0]!.code_challenge_method, "S256");
    assert(requests()[0]!.code_challenge !== client.requestsTo("token")[0]!.form.code_verifier);
  });

  it("section 2.1.1: challenge and nonce MUST be specific to the transaction", async () => {
    for (let login = 0; login < 3; login++) await client.auth.login();
    for (const name of ["code_challenge", "nonce", "state"] as const) {
      assertEquals(new Set(requests().map((query) => query[name])).size, 3, name);
    }
  });

  it("section 2.1.2: SHOULD use the response type code, not one that issues tokens in the response", async () => {
    await client.auth.login();
    assertEquals(requests().map(({ response_type }) => response_type), ["code"]);
  });

  it("section 2.1.2: MUST NOT accept tokens in an authorization response", async () => {
    const openBrowser = openerThat(async (response) => {
      const implicit = new URL(response);
      implicit.searchParams.delete("code");
      implicit.searchParams.set("access_token", "oat_injected");
      assertEquals((await visit(implicit)).status, 400);
      await bringHome(response);
    });
    const { tokens } = await loginWith(client, openBrowser);
    assert(tokens.accessToken !== "oat_injected");
  });

  it("section 2.4: MUST NOT use the password grant", async () => {
    await client.auth.login();
    await client.auth.getAccessToken({ forceRefresh: true });
    const grants = client.requestsTo("token").map(({ form }) => form.grant_type);
    assertEquals(grants, ["authorization_code", "refresh_token"]);
  });

  it("section 4.2.4: the page after the response SHOULD load nothing from elsewhere and send no referrer", async () => {
    let headers = new Headers();
    const openBrowser = openerThat(async (response) => {
      const page = await fetch(response);
      headers = page.headers;
      await page.body?.cancel();
    });
    await loginWith(client, openBrowser);
    assertEquals(headers.get("referrer-policy"), "no-referrer");
    assertStringIncludes(headers.get("content-security-policy") ?? "", "default-src 'none'");
  });

  it("section 4.2.4: the state SHOULD be invalid after its first use at the redirect URI", async () => {
    let second = 0;
    let token = "";
    const openBrowser = openerThat(async (response) => {
      const first = fetch(response, { redirect: "manual" });
      const replayed = new URL(response);
      replayed.searchParams.set("code", "replayed");
      await (await first).body?.cancel();
      second = (await fetch(replayed)).status;
      token = client.requestsTo("token").map(({ form }) => form.code).join();
    });
    await loginWith(client, openBrowser);
    assertEquals([second, token.includes("replayed")], [410, false]);
  });

  it("section 4.3.1: the response URL SHOULD NOT stay in the browser's history: the browser is redirected", async () => {
    let address = "";
    const openBrowser = openerThat(async (response) => {
      const page = await fetch(response);
      address = page.url;
      assertEquals(page.headers.get("cache-control"), "no-store");
      await page.body?.cancel();
    });
    await loginWith(client, openBrowser);
    assertMatch(address, /^http:\/\/127\.0\.0\.1:\d+\/done\/[\w-]{43}$/);
  });

  it("section 4.3.2: MUST NOT pass access tokens in a URI", async () => {
    await client.auth.login();
    await client.auth.whoami();
    await (await client.another({ apiOrigins: [client.issuer] }).fetch(`${client.issuer}/oauth/userinfo`))
      .text();
    const { accessToken } = client.record() ?? {};
    const bearers = client.emulator.requests.filter(({ headers }) =>
      headers.authorization === `Bearer ${accessToken}`
    );
    assertEquals(bearers.length, 3);
    const urls = client.emulator.requests.map(({ path, query }) => path + JSON.stringify(query)).join();
    assertFalse(urls.includes(String(accessToken)));
  });

  it("section 4.4.2: MUST remember the issuer of a request, and send the code to no other", async () => {
    const other = await startTestClient();
    try {
      await Promise.all([
        client.another({ openBrowser: createScriptedBrowser().opener() }).login(),
        other.another({ openBrowser: createScriptedBrowser().opener() }).login(),
      ]);
      for (const { requestsTo, issuer, record } of [client, other]) {
        assertEquals([requestsTo("token").length, record()?.issuer], [1, issuer]);
      }
    } finally {
      await other.close();
    }
  });

  it("section 4.5.3: an injected code MUST be useless: the issuer refuses another request's verifier", async () => {
    const stolen = await client.browser.signIn(
      await authorizationUrlOf(client),
      { visitCallback: false },
    );
    const code = new URL(stolen.url).searchParams.get("code") ?? "";
    const openBrowser = changedResponse((parameters) => parameters.set("code", code));
    const error = await caught(() => loginWith(client, openBrowser));
    assertEquals([error.oauthError, client.entries.size], ["invalid_grant", 0]);
  });

  it("section 4.5.3.2: the nonce in the ID token MUST be that of the request", async () => {
    client.emulator.behavior.idTokenFormat = "jwt";
    const openBrowser = async (url: string) => {
      const changed = new URL(url);
      changed.searchParams.set("nonce", "of-the-attacker");
      await createScriptedBrowser().signIn(changed.href);
    };
    const error = await caught(() => loginWith(client, openBrowser));
    assertEquals([error.code, client.entries.size], ["token_exchange", 0]);
    assertEquals(client.requestsTo("revoke").length, 1);
  });

  it("section 4.12: redirects MUST NOT forward credentials", async () => {
    const other = await startTestClient();
    try {
      const location = `${other.issuer}/oauth/token`;
      client.emulator.faults.add({ endpoint: "token", status: 307, headers: { location } });
      assertEquals((await caught(() => client.auth.login())).code, "token_exchange");
      assertEquals(other.emulator.requests.length, 0);
    } finally {
      await other.close();
    }
  });

  it("section 4.14.2: logout SHOULD revoke the refresh token", async () => {
    const { refreshToken } = await client.signIn();
    await client.auth.logout();
    assertEquals(client.requestsTo("revoke").map(({ form }) => form.token), [refreshToken]);
  });

  it("section 4.16: pages MUST NOT be framed", async () => {
    let policy = "";
    const openBrowser = openerThat(async (response) => {
      const page = await fetch(response);
      policy = page.headers.get("content-security-policy") ?? "";
      await page.body?.cancel();
    });
    await loginWith(client, openBrowser);
    assertStringIncludes(policy, "frame-ancestors 'none'");
  });
});

describe("RFC 9700, the resource server", () => {
  it("section 2.3: MUST verify on every request that the token is meant for it: application, issuer, audience", async () => {
    const verifier = { clientIds: ["our-cli"], audience: "https://api.example.com" };
    const server = await startResourceServer();
    const { secretKey, issuer } = server.emulator;
    const apiUrl = issuer;
    const clientConfig = { secretKey, apiUrl, telemetry: { disabled: true } };
    const route = handle({
      auth: cliAuth({ clientConfig, issuer: "https://clerk.example.com", ...verifier }),
    });
    try {
      const good = { client_id: "our-cli", aud: verifier.audience, iss: "https://clerk.example.com" };
      const statusesOf = async (claims: Record<string, unknown>) => {
        const authorization = `Bearer ${await server.accessToken({ ...good, ...claims })}`;
        const ask = () => route(new Request("https://api.example.com/me", { headers: { authorization } }));
        return [(await ask()).status, (await ask()).status];
      };
      assertEquals(await statusesOf({}), [200, 200]);
      assertEquals(await statusesOf({ client_id: "another-app" }), [401, 401]);
      assertEquals(await statusesOf({ aud: "https://other.example" }), [401, 401]);
      assertEquals(await statusesOf({ iss: "https://evil.example" }), [401, 401]);
    } finally {
      await server.close();
    }
  });

  it("section 2.3: MUST verify on every request that the token allows the action, even if it was seen before", async () => {
    const server = await startResourceServer();
    const demanding = await startResourceServer({ scopes: ["notes:write"] });
    try {
      const token = `Bearer ${await demanding.accessToken({ scope: "profile" })}`;
      for (let round = 0; round < 2; round++) assertEquals((await demanding.ask(token)).status, 403);
    } finally {
      await server.close();
      await demanding.close();
    }
  });

  it("section 4.9.3: MUST treat access tokens like other secrets: a store never sees one", async () => {
    const entries = new Map<string, string>();
    const store = {
      get: (key: string) => entries.get(key),
      set: (key: string, value: string) => void entries.set(key, value),
      delete: (key: string) => void entries.delete(key),
    };
    const server = await startResourceServer();
    const { secretKey, issuer: apiUrl, user } = server.emulator;
    const clientConfig = { secretKey, apiUrl, telemetry: { disabled: true } };
    const auth = cliAuth({ clientConfig, cache: { ttlMs: 60_000, store } });
    try {
      const { secret } = server.emulator.createApiKey({ subject: user.id });
      await auth.verifyToken(secret);
      const kept = JSON.stringify([...entries]);
      assert(entries.size > 0);
      for (const text of [secret, user.id, secretKey]) assertFalse(kept.includes(text));
    } finally {
      await server.close();
    }
  });
});

/** The authorization URL of a login that someone else started and aborted. */
async function authorizationUrlOf({ another }: TestClient): Promise<string> {
  let begun = "";
  const openBrowser = (url: string) => {
    begun = url;
    return false;
  };
  await caught(() => another({ openBrowser }).login());
  return begun;
}
