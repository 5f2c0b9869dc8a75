import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { createScriptedBrowser } from "@clerk/cli-auth/testing";
import { login, openContext, resolveConfig } from "../doors/client.ts";
import { createFakeRuntime } from "../harness/fake_runtime.ts";
import { caught } from "../harness/caught.ts";
import { isListening } from "../harness/raw_request.ts";
import { startTestClient, type TestClient } from "../harness/test_client.ts";
import { bringHome, loginsWith, loginWith, openerThat, visit } from "./support/authorization_response.ts";

let client: TestClient;

beforeEach(async () => {
  client = await startTestClient();
});
afterEach(() => client.close());

/** The redirect URIs of the logins so far. */
function redirectUris(): URL[] {
  return client.events.flatMap((event) => event.type === "authorize_url" ? [new URL(event.redirectUri)] : []);
}

describe("RFC 8252, the client", () => {
  it("sections 6 and 8.12: MUST NOT use an embedded user agent: opens the system's browser", async () => {
    const runtime = await createFakeRuntime({
      env: { DISPLAY: ":0" },
      launch: (_, [url = ""]) => {
        client.browser.signIn(url);
        return { exited: Promise.resolve(0) };
      },
    });
    const { openBrowser: _, ...config } = client.config;
    await login(await openContext(resolveConfig(config), runtime));
    assertEquals(runtime.launched.map(([program]) => program), ["xdg-open"]);
  });

  it("sections 6 and 8.1: public native apps MUST use PKCE", async () => {
    await client.auth.login();
    assertEquals(client.requestsTo("authorize")[0]!.query.code_challenge_method, "S256");
    assert(client.requestsTo("token")[0]!.form.code_verifier);
  });

  it("section 7.3: the redirect URI is http, on the loopback IP and the listening port, with a path", async () => {
    await client.auth.login();
    assertMatch(redirectUris()[0]!.href, /^http:\/\/127\.0\.0\.1:\d+\/callback$/);
  });

  it("section 8.3: localhost is NOT RECOMMENDED, and not used", async () => {
    await client.auth.login();
    assertEquals(redirectUris()[0]!.hostname, "127.0.0.1");
  });

  it("section 7.3: uses any port that is free at the time", async () => {
    const opener = () => createScriptedBrowser().opener();
    await Promise.all([
      client.another({ openBrowser: opener() }).login(),
      client.another({ openBrowser: opener() }).login(),
    ]);
    const ports = redirectUris().map(({ port }) => port);
    assertEquals(new Set(ports).size, 2);
  });

  it("section 8.3: SHOULD open the port only when the authorization request starts", async () => {
    const { port } = await freePort();
    const auth = client.another({ callbackPort: port });
    assertEquals(await isListening(port), false);
    await auth.login();
    assertEquals(redirectUris().at(-1)!.port, String(port));
  });

  it("section 8.3: SHOULD close the port once the response has arrived, whatever it says", async () => {
    const denied = client.browser.opener({ decision: "deny" });
    await client.auth.login();
    await caught(() => client.another({ openBrowser: denied }).login());
    for (const { port } of redirectUris()) assertEquals(await isListening(Number(port)), false);
  });

  it("section 8.9: SHOULD send a random state with every request", async () => {
    await client.auth.login();
    await client.auth.login();
    const [first, second] = client.requestsTo("authorize").map(({ query }) => query.state ?? "");
    assertMatch(first!, /^[\w-]{43}$/);
    assertNotEquals(first, second);
  });

  it("section 8.9: SHOULD reject responses whose state matches no pending request", async () => {
    const statuses: number[] = [];
    const openBrowser = openerThat(async (response) => {
      for (
        const change of [
          (query: URLSearchParams) => query.delete("state"),
          (query: URLSearchParams) => query.set("state", "x"),
        ]
      ) {
        const forged = new URL(response);
        change(forged.searchParams);
        statuses.push((await visit(forged)).status);
      }
      await bringHome(response);
    });
    await loginWith(client, openBrowser);
    assertEquals(statuses, [400, 400]);
  });

  it("section 8.10: MUST verify that the response arrived at the redirect URI of its own request", async () => {
    const responses: URL[] = [];
    const status: number[] = [];
    let release!: () => void;
    const bothAreOut = new Promise<void>((resolve) => release = resolve);
    const openBrowser = openerThat(async (response) => {
      responses.push(response);
      if (responses.length === 2) release();
      await bothAreOut;
      const other = responses.find(({ port }) => port !== response.port)!;
      const crossed = new URL(response);
      crossed.search = other.search;
      status.push((await visit(crossed)).status);
      await bringHome(response);
    });
    await loginsWith(client, openBrowser, 2);
    assertEquals(status, [400, 400]);
  });

  it("section 8.10: another path on the same port is not the redirect URI", async () => {
    let status = 0;
    const openBrowser = openerThat(async (response) => {
      const elsewhere = new URL(response);
      elsewhere.pathname = "/callback/";
      status = (await visit(elsewhere)).status;
      await bringHome(response);
    });
    await loginWith(client, openBrowser);
    assertEquals(status, 404);
  });

  it("section 8.5: a public client has no secret, so it sends none", async () => {
    await client.auth.login();
    const { form, headers } = client.requestsTo("token")[0]!;
    assertEquals(["client_secret" in form, "authorization" in headers], [false, false]);
  });
});

/** A port that nobody listens on. */
async function freePort(): Promise<{ port: number }> {
  let port = 0;
  const openBrowser = openerThat(async (response) => {
    port = Number(response.port);
    await bringHome(response);
  });
  await loginWith(client, openBrowser);
  return { port };
}
