import { assert, assertEquals, assertFalse, assertMatch, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { ClerkCliAuth } from "@clerk/cli-auth";
import { ClerkCliAuthError } from "@clerk/cli-auth/server";
import { caught, everythingSaidBy } from "../harness/caught.ts";
import { startTestClient, type TestClient } from "../harness/test_client.ts";
import { unsignedJwt } from "../harness/unsigned_jwt.ts";
import {
  challengeOf,
  RESOURCE,
  type ResourceServer,
  startResourceServer,
} from "./support/resource_server.ts";
import { startUntrustedHost } from "./support/untrusted_host.ts";

describe("RFC 6750, the resource server", () => {
  let server: ResourceServer;
  let demanding: ResourceServer;
  let key: string;

  beforeAll(async () => {
    server = await startResourceServer();
    demanding = await startResourceServer({ scopes: ["notes:read", "notes:write"] });
    key = server.emulator.createApiKey({ subject: server.emulator.user.id }).secret;
  });
  afterAll(async () => {
    await server.close();
    await demanding.close();
  });

  /** An access token that lacks the scopes of the demanding one. */
  const narrow = async () => `Bearer ${await demanding.accessToken({ scope: "notes:read" })}`;

  /** A response of every kind of refusal. */
  async function refusals(): Promise<Response[]> {
    return [
      await server.ask(),
      await server.ask("Bearer ak_unknown"),
      await server.ask("Bearer"),
      await server.ask("Bearer a b"),
      await server.ask("Basic dXNlcjpwYXNz"),
      await server.ask(`Bearer ${key}, Bearer ${key}`),
      await demanding.ask(await narrow()),
    ];
  }

  it("section 2.1: MUST support the Authorization header with the Bearer scheme", async () => {
    const response = await server.ask(`Bearer ${key}`);
    assertEquals([response.status, (await response.json()).sub], [200, server.emulator.user.id]);
  });

  it("section 2.1: the scheme is case-insensitive (RFC 7235)", async () => {
    for (const scheme of ["bearer", "BEARER"]) {
      assertEquals((await server.ask(`${scheme} ${key}`)).status, 200);
    }
  });

  it("sections 2.2 and 2.3: a token in a form or a query SHOULD NOT be used, and is ignored", async () => {
    const inQuery = await server.ask(undefined, { url: `${RESOURCE}?access_token=${key}` });
    const inForm = await server.ask(undefined, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: `access_token=${key}`,
    });
    assertEquals([inQuery.status, inForm.status], [401, 405]);
  });

  it("section 3: MUST send WWW-Authenticate if credentials are missing or give no access", async () => {
    for (const response of await refusals()) assert(challengeOf(response), String(response.status));
  });

  it("section 3: challenges MUST use the scheme Bearer, followed by at least one parameter", async () => {
    for (const response of await refusals()) {
      assertMatch(challengeOf(response), /^Bearer [a-z_]+="[^"]*"(?:,|$)/);
    }
  });

  it("section 3: realm, scope, error and error_description MUST NOT appear more than once", async () => {
    for (const response of await refusals()) {
      const names = [...challengeOf(response).matchAll(/([a-z_]+)="/g)].map(([, name]) => name);
      assertEquals(names.length, new Set(names).size, challengeOf(response));
    }
  });

  it("section 3: values MUST NOT contain characters that are not allowed", async () => {
    const message = 'say "no" \\ ünï\r\nset-cookie: a=b';
    const verifyToken = () => Promise.reject(new ClerkCliAuthError("insufficient_scope", message));
    const hostile = await startResourceServer({ verifyToken, scopes: ["a", "b"] });
    try {
      const quoting = await hostile.ask(`Bearer ${key}`);
      assertStringIncludes(challengeOf(quoting), "say");
      for (const response of [...await refusals(), quoting]) {
        assertMatch(challengeOf(response), /^Bearer (?:[a-z_]+="[^"\\]*"(?:, |$))+$/);
        for (const [, name, value = ""] of challengeOf(response).matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"/g)) {
          const allowed = name === "scope"
            ? /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/
            : /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;
          assertMatch(value, allowed);
        }
      }
    } finally {
      await hostile.close();
    }
  });

  it("section 3: SHOULD send an error code if a token was rejected", async () => {
    assertStringIncludes(challengeOf(await server.ask("Bearer ak_unknown")), 'error="invalid_token"');
  });

  it("section 3.1: SHOULD NOT send an error code if no credentials were sent", async () => {
    for (const authorization of [undefined, "Basic dXNlcjpwYXNz"]) {
      const response = await server.ask(authorization);
      assertEquals([response.status, challengeOf(response)], [401, 'Bearer realm="api"']);
    }
  });

  it("section 3.1: invalid_request SHOULD be 400", async () => {
    for (const authorization of ["Bearer", "Bearer a b", `Bearer ${key}, Bearer ${key}`]) {
      const response = await server.ask(authorization);
      assertEquals(response.status, 400, authorization);
      assertStringIncludes(challengeOf(response), 'error="invalid_request"');
    }
  });

  it("section 3.1: invalid_token SHOULD be 401: expired, revoked, malformed, or otherwise invalid", async () => {
    const revoked = server.emulator.createApiKey({ subject: server.emulator.user.id });
    revoked.revoked = true;
    const expired = await server.accessToken({ exp: 1_700_000_000 });
    for (const token of [revoked.secret, expired, "ak_unknown", "not-a-token", `${key}x`]) {
      const response = await server.ask(`Bearer ${token}`);
      assertEquals(response.status, 401);
      assertStringIncludes(challengeOf(response), 'error="invalid_token"');
    }
  });

  it("section 3.1: insufficient_scope SHOULD be 403, and may name the required scope", async () => {
    const response = await demanding.ask(await narrow());
    assertEquals(response.status, 403);
    assertStringIncludes(challengeOf(response), 'error="insufficient_scope"');
    assertStringIncludes(challengeOf(response), 'scope="notes:read notes:write"');
  });

  it("section 5.2: MUST keep tokens from unintended parties: no response repeats one or may be cached", async () => {
    const token = "SECRET0123456789abcdefghijk";
    const forged = `Bearer ${unsignedJwt({ sub: token }, { typ: "at+jwt" })}`;
    for (
      const [authorization, status] of [
        [`Bearer ${key}`, 200],
        [await narrow(), 403],
        [`Bearer ak_${token}`, 401],
        [`Bearer ${token}`, 401],
        [forged, 401],
        [`Bearer ${token} ${token}`, 400],
      ] as const
    ) {
      const response = await (status === 403 ? demanding : server).ask(authorization);
      const said = JSON.stringify([...response.headers]) + await response.text();
      assertEquals([response.status, response.headers.get("cache-control")], [status, "no-store"]);
      for (const secret of [token, ...authorization.split(" ").slice(1)]) assertFalse(said.includes(secret));
    }
  });
});

describe("RFC 6750, the client", () => {
  let client: TestClient;
  beforeAll(async () => {
    client = await startTestClient();
    await client.signIn();
  });
  afterAll(() => client.close());

  /** The requests that `fetch()` sends for one request of the program. */
  async function sent(url: string, init: RequestInit = {}): Promise<Request[]> {
    const requests: Request[] = [];
    const auth = client.another({
      apiOrigins: ["https://api.example.com"],
      fetch: (input, options) => {
        requests.push(new Request(input, options));
        return Promise.resolve(new Response("done"));
      },
    });
    await auth.fetch(url, init);
    return requests;
  }

  it("section 2.1: SHOULD send the token in the Authorization header, with the scheme Bearer", async () => {
    const [request] = await sent("https://api.example.com/notes");
    assertEquals(request?.headers.get("authorization"), `Bearer ${client.record()?.accessToken}`);
  });

  it("section 2: MUST NOT send the token in more than one way: not in the form or the URL as well", async () => {
    const token = String(client.record()?.accessToken);
    const form = new URLSearchParams({ title: "a note" });
    const [request] = await sent("https://api.example.com/notes?page=1", { method: "POST", body: form });
    assertEquals(request?.url, "https://api.example.com/notes?page=1");
    assertFalse((await request?.text())?.includes(token));
  });

  it("section 2: leaves the program's own credential alone", async () => {
    const [request] = await sent("https://api.example.com/notes", {
      headers: { authorization: "Bearer own" },
    });
    assertEquals(request?.headers.get("authorization"), "Bearer own");
  });

  it("section 5.3: MUST keep tokens from unintended parties: not sent to other origins", async () => {
    for (
      const url of [
        "https://api.example.com.evil.example/",
        "https://evil.example/",
        "http://api.example.com/",
      ]
    ) {
      assertEquals((await sent(url))[0]?.headers.get("authorization"), null, url);
    }
  });

  it("section 5.3: MUST keep tokens from unintended parties: not sent on a redirect to another origin", async () => {
    const seen: [string, string | null][] = [];
    const auth = client.another({
      apiOrigins: ["https://api.example.com"],
      fetch: (input, options) => {
        const request = new Request(input, options);
        seen.push([new URL(request.url).hostname, request.headers.get("authorization")]);
        const location = "https://evil.example/";
        return Promise.resolve(
          new Response(null, seen.length === 1 ? { status: 302, headers: { location } } : {}),
        );
      },
    });
    await auth.fetch("https://api.example.com/");
    assertEquals(seen[1], ["evil.example", null]);
  });

  it("section 5.3: MUST always use TLS: never sends the token to an origin without it", async () => {
    const { config } = client;
    for (const origin of ["http://api.example.com", "ws://api.example.com"]) {
      assertEquals(
        (await caught(() => new ClerkCliAuth({ ...config, apiOrigins: [origin] }))).code,
        "config",
      );
    }
  });

  it("section 5.3: MUST validate the certificate of the resource server", async () => {
    const host = await startUntrustedHost();
    try {
      const auth = client.another({ identityEndpoint: `${host.origin}/me` });
      const error = await caught(() => auth.verifyToken("ak_secret"));
      assertEquals([error.code, host.requests()], ["verify_api_key", 0]);
      assertFalse(everythingSaidBy(error).includes("ak_secret"));
    } finally {
      await host.close();
    }
  });
});
