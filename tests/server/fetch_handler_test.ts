import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  ClerkCliAuthError,
  cliAuth,
  fetchHandler,
  type FetchHandlerOptions,
  memoryCache,
} from "@clerk/cli-auth/server";
import { misaddressed } from "../harness/misaddressed.ts";
import { createSoloClient, type SoloClient } from "./support/solo_client.ts";

const USER = "user_2abcdefghijklmnopqrstuvwxyz";
const ORIGIN = "https://api.example.com";

function setUp(options: FetchHandlerOptions<SoloClient> = {}) {
  const client = createSoloClient({ ak_user: { subject: USER } });
  const errors: unknown[] = [];
  const server = fetchHandler({ client, onError: (error) => void errors.push(error), ...options });
  const ask = (path: string, init: RequestInit = {}, env?: unknown) => {
    const headers = new Headers(init.headers);
    if (!headers.has("authorization")) headers.set("authorization", "Bearer ak_user");
    return server.fetch(new Request(ORIGIN + path, { ...init, headers }), env);
  };
  return { ask, client, errors };
}

describe("fetchHandler()", () => {
  it("responds at every path without 'path', and only there with it", async () => {
    const everywhere = setUp();
    assertEquals([(await everywhere.ask("/")).status, (await everywhere.ask("/any/thing?x=1")).status], [
      200,
      200,
    ]);
    const { ask } = setUp({ path: "/api/me" });
    assertEquals(await (await ask("/api/me?x=1")).json(), { sub: USER });
    for (const path of ["/", "/api/me/", "/api", "/API/me"]) {
      const response = await ask(path);
      assertEquals([response.status, await response.json()], [404, {
        error: "invalid_request",
        error_description: "There is nothing at this path",
        exit_code: 1,
      }]);
    }
    assertEquals(await (await ask("/", { method: "HEAD" })).text(), "");
  });

  it("reports its health without calling Clerk, at the health path only", async () => {
    const { ask, client } = setUp({ path: "/api/me", healthPath: "/health" });
    const response = await ask("/health");
    assertEquals([response.status, await response.json()], [200, { status: "ok" }]);
    assertEquals(response.headers.get("cache-control"), "no-store");
    const refused = await ask("/health", { method: "POST" });
    assertEquals([refused.status, refused.headers.get("allow")], [405, "GET, HEAD"]);
    assertEquals(await (await ask("/health", { method: "HEAD" })).text(), "");
    assertEquals(client.calls.length, 0);
    assertEquals((await setUp({ path: "/api/me" }).ask("/health")).status, 404);
  });

  it("reports that it is not configured, but not why", async () => {
    const secret = "planted-secret";
    const failing = () => Promise.reject(new Error(secret));
    const { ask, errors } = setUp({ client: failing, healthPath: "/health" });
    const response = await ask("/health");
    assertEquals([response.status, (await response.text()).includes(secret), errors.length], [500, false, 1]);
  });

  it("enforces the client id that the platform passes", async () => {
    const client = createSoloClient({ oat_1: { subject: USER, clientId: "client-1" } });
    const server = fetchHandler({ client });
    const ask = async (env: unknown) => {
      const request = new Request(ORIGIN, { headers: { authorization: "Bearer oat_1" } });
      return (await server.fetch(request, env)).status;
    };
    const env = { CLERK_SECRET_KEY: "sk_test_1", CLERK_OAUTH_CLIENT_ID: "client-1" };
    assertEquals(await ask(env), 200);
    assertEquals(await ask({ CLERK_SECRET_KEY: "sk_test_2", CLERK_OAUTH_CLIENT_ID: "client-2" }), 401);
    // Without a secret key, or with one that was passed before.
    assertEquals(await ask({ CLERK_OAUTH_CLIENT_ID: "client-2" }), 401);
    assertEquals(await ask({ ...env, CLERK_OAUTH_CLIENT_ID: "client-2" }), 401);
  });

  it("responds with 400 to an invalid URL, and reports nothing", async () => {
    const errors: unknown[] = [];
    const { fetch } = fetchHandler({
      client: createSoloClient(),
      resource: { issuer: "https://clerk.example.com" },
      onError: (error) => void errors.push(error),
    });
    for (const method of ["GET", "HEAD", "POST"]) {
      const response = await fetch(misaddressed(new Request(ORIGIN, { method })));
      assertEquals([response.status, response.headers.get("cache-control")], [400, "no-store"]);
      assertEquals(
        await response.text(),
        method === "HEAD" ? "" : JSON.stringify({
          error: "invalid_request",
          error_description: "The address of the request is malformed",
          exit_code: 1,
        }),
      );
    }
    assertEquals(errors, []);
  });

  it("responds with 500 if no verifier can be created from what the platform passes", async () => {
    const errors: unknown[] = [];
    const auth = (env: { CLIENT_IDS?: string[] }) => cliAuth({ clientIds: env.CLIENT_IDS ?? [] });
    const server = fetchHandler({ auth, onError: (error) => void errors.push(error) });
    const response = await server.fetch(new Request(ORIGIN), {});
    assertEquals([response.status, (await response.json()).error, errors.length], [500, "config", 1]);
  });

  it("ignores anything but a Worker's environment", async () => {
    const { ask } = setUp();
    for (const second of [undefined, null, 7, "text", { CLERK_SECRET_KEY: 7 }, { remoteAddr: { port: 1 } }]) {
      assertEquals((await ask("/", {}, second)).status, 200);
    }
  });

  for (
    const [what, options] of [
      ["a path without a slash", { path: "api/me" }],
      ["a health path without a slash", { healthPath: "health" }],
      ["a wildcard origin", { cors: { origins: ["*"] } }],
      ["an origin with a path", { cors: { origins: ["https://app.example.com/"] } }],
      ["the origin of files", { cors: { origins: ["null"] } }],
      ["an issuer that is no URL", { resource: { issuer: "clerk" } }],
      ["a kind of token that is never accepted", { accepts: "m2m_token" as "api_key" }],
      ["an empty list of client ids", { clientIds: [] }],
      ["options beside a verifier", { auth: cliAuth(), clientIds: ["client-1"] }],
      ["tenants of a single verifier", { auth: cliAuth(), tenant: () => "a" }],
      ["tenants without verifiers", { tenant: () => "a" }],
    ] as [string, FetchHandlerOptions][]
  ) {
    it(`refuses ${what}`, () => {
      const error = assertThrows(() => fetchHandler(options), ClerkCliAuthError);
      assertEquals((error as ClerkCliAuthError).code, "config");
    });
  }

  for (
    const [options, message] of [
      [{ path: "api/me" }, `'path' must begin with "/"`],
      [{ healthPath: "health" }, `'healthPath' must begin with "/"`],
      [
        { auth: cliAuth(), clientIds: ["client-1"], lookup: true },
        "'clientIds', 'lookup' must be given to the verifier that 'auth' is, not beside it",
      ],
    ] as [FetchHandlerOptions, string][]
  ) {
    it(`says what is wrong: ${message}`, () => {
      assertThrows(() => fetchHandler(options), ClerkCliAuthError, message);
    });
  }

  it("accepts an existing verifier", async () => {
    const auth = cliAuth({ client: createSoloClient({ ak_user: { subject: USER } }) });
    const request = () => new Request(ORIGIN, { headers: { authorization: "Bearer ak_user" } });
    const { fetch } = fetchHandler({ auth });
    for (const env of [undefined, { CLERK_SECRET_KEY: "sk_test_1" }]) {
      assertEquals(await (await fetch(request(), env)).json(), { sub: USER });
    }
  });

  it("passes on the options of the verifier", async () => {
    const { ask, client } = setUp({
      cache: { ttlMs: 60_000, store: memoryCache() },
      clientConfig: { secretKey: "sk" },
    });
    for (let count = 0; count < 10; count++) assertEquals((await ask("/")).status, 200);
    assertEquals(client.calls.length, 1);
  });
});

describe("fetchHandler() for pages on other origins", () => {
  const APP = "https://app.example.com";
  const PREFLIGHT = { method: "OPTIONS", headers: { origin: APP, "access-control-request-method": "GET" } };

  function corsOf({ headers }: Response): Record<string, string> {
    return Object.fromEntries([...headers].filter(([name]) => name.startsWith("access-control-")));
  }

  it("sends no CORS headers unless it is told to", async () => {
    const { ask } = setUp();
    assertEquals((await ask("/", PREFLIGHT)).status, 405);
    const response = await ask("/", { headers: { origin: APP } });
    assertEquals([corsOf(response), response.headers.get("vary")], [{}, null]);
  });

  it("responds to a preflight from a listed origin", async () => {
    const response = await setUp({ cors: { origins: [APP] } }).ask("/", PREFLIGHT);
    assertEquals([response.status, response.headers.get("vary")], [204, "Origin"]);
    assertEquals(corsOf(response), {
      "access-control-allow-origin": APP,
      "access-control-allow-methods": "GET, HEAD",
      "access-control-allow-headers": "Authorization",
      "access-control-max-age": "600",
      "access-control-expose-headers": "WWW-Authenticate, Retry-After",
    });
  });

  for (
    const origin of [
      "https://evil.example",
      "https://app.example.com.evil.example",
      "http://app.example.com",
      "null",
    ]
  ) {
    it(`tells nothing to ${origin}`, async () => {
      const { ask } = setUp({ cors: { origins: [APP] } });
      const headers = { origin, "access-control-request-method": "GET" };
      const preflight = await ask("/", { method: "OPTIONS", headers });
      const response = await ask("/", { headers: { origin } });
      assertEquals([corsOf(preflight), corsOf(response)], [{}, {}]);
      assertEquals([preflight.headers.get("vary"), response.headers.get("vary")], ["Origin", "Origin"]);
    });
  }

  it("lets a page on a listed origin read every response, its challenge and when to try again", async () => {
    const { ask } = setUp({ cors: { origins: ["https://other.example", APP] }, path: "/me" });
    for (
      const [path, authorization, status] of [["/me", "Bearer ak_user", 200], ["/me", "Bearer ak_no", 401], [
        "/",
        "",
        404,
      ]] as const
    ) {
      const response = await ask(path, { headers: { origin: APP, authorization } });
      assertEquals(response.status, status);
      assertEquals(corsOf(response), {
        "access-control-allow-origin": APP,
        "access-control-expose-headers": "WWW-Authenticate, Retry-After",
      });
    }
  });

  it("treats an OPTIONS that is not a preflight like any other method", async () => {
    const { ask } = setUp({ cors: { origins: [APP] } });
    const wanting = { "access-control-request-method": "GET" };
    for (const headers of [{}, { origin: APP }, wanting]) {
      assertEquals((await ask("/", { method: "OPTIONS", headers })).status, 405);
    }
    const headers = { origin: APP, authorization: "Bearer ak_user", ...wanting };
    assertEquals((await ask("/", { headers })).status, 200);
  });

  it("refuses a list with something other than an origin, and quotes it", () => {
    const error = assertThrows(
      () => setUp({ cors: { origins: ["https://app.example.com/x"] } }),
      ClerkCliAuthError,
    );
    assertEquals(
      (error as ClerkCliAuthError).message,
      `'cors.origins' must list origins such as "https://app.example.com": got "https://app.example.com/x"`,
    );
  });
});

describe("fetchHandler() with a function that creates verifiers", () => {
  interface Env {
    TENANT_KEY?: string;
    [name: string]: unknown;
  }

  /** A server whose verifiers say for which tenant they were created. */
  function setUp(options: FetchHandlerOptions<SoloClient, Env> = {}) {
    const made: (string | undefined)[] = [];
    const errors: unknown[] = [];
    const server = fetchHandler({
      auth: ({ TENANT_KEY }: Env) => {
        made.push(TENANT_KEY);
        const client = createSoloClient({ ak_user: { subject: `user_of_${TENANT_KEY}` } });
        return cliAuth({ client, clientIds: "any" });
      },
      onError: (error) => void errors.push(error),
      ...options,
    });
    const ask = async (env?: unknown) => {
      const request = new Request(ORIGIN, { headers: { authorization: "Bearer ak_user" } });
      const response = await server.fetch(request, env);
      return response.status === 200 ? (await response.json()).sub : response.status;
    };
    return { ask, made, errors };
  }

  it("never gives one tenant's verifier to another, whatever tells them apart", async () => {
    const { ask, made } = setUp();
    const [a, b] = [{ TENANT_KEY: "a" }, { TENANT_KEY: "b" }];
    for (let round = 0; round < 3; round++) {
      assertEquals([await ask(a), await ask(b)], ["user_of_a", "user_of_b"]);
    }
    assertEquals(made, ["a", "b"]);
  });

  it("keeps a verifier for environments with the same content, and makes another for changed content", async () => {
    const { ask, made } = setUp();
    const binding = {};
    for (let round = 0; round < 3; round++) {
      assertEquals(await ask({ TENANT_KEY: "a", binding }), "user_of_a");
    }
    assertEquals(made, ["a"]);
    const env: Env = { TENANT_KEY: "b", binding };
    await ask(env);
    env.TENANT_KEY = "c";
    assertEquals(await ask(env), "user_of_c");
    assertEquals(await ask({ TENANT_KEY: "a", binding: {} }), "user_of_a");
    assertEquals(made, ["a", "b", "c", "a"]);
  });

  it("tells environments apart that show nothing of their content", async () => {
    const { ask } = setUp();
    class Hidden {
      readonly #key: string;
      constructor(key: string) {
        this.#key = key;
      }
      get TENANT_KEY() {
        return this.#key;
      }
    }
    const proxyOf = (key: string) =>
      new Proxy({}, { get: (_, name) => name === "TENANT_KEY" ? key : undefined });
    const inherited = (key: string) => Object.create({ TENANT_KEY: key });
    for (const make of [(key: string) => new Hidden(key), proxyOf, inherited]) {
      assertEquals([await ask(make("a")), await ask(make("b"))], ["user_of_a", "user_of_b"]);
    }
  });

  for (
    const [platform, pass] of [
      ["Deno", () => ({ remoteAddr: { hostname: "192.0.2.1" }, completed: Promise.resolve() })],
      ["Bun", () => ({ requestIP: () => null, port: 3000 })],
      ["Node", () => ({ incoming: {}, outgoing: {} })],
      ["a program that passes nothing", () => undefined],
    ] as const
  ) {
    it(`gives the function one view of the process's environment on ${platform}`, async () => {
      const seen: unknown[] = [];
      const { ask, made } = setUp({
        auth: (env: Env) => {
          seen.push(env["remoteAddr"], env["requestIP"], env["incoming"], env["CLERK_NO_SUCH_VARIABLE"]);
          made.push("process");
          return cliAuth({ client: createSoloClient({ ak_user: { subject: "user_1" } }), clientIds: "any" });
        },
      });
      for (let round = 0; round < 3; round++) assertEquals(await ask(pass()), "user_1");
      assertEquals([made, seen], [["process"], [undefined, undefined, undefined, undefined]]);
    });
  }

  it("tells tenants apart with 'tenant', if there is such a function", async () => {
    const { ask, made } = setUp({ tenant: ({ TENANT_KEY = "" }) => TENANT_KEY });
    for (let request = 0; request < 3; request++) {
      assertEquals([await ask({ TENANT_KEY: "a", request }), await ask({ TENANT_KEY: "b", request })], [
        "user_of_a",
        "user_of_b",
      ]);
    }
    assertEquals(made, ["a", "b"]);
  });

  for (const name of ["", undefined, 7]) {
    it(`responds with 500 if 'tenant' gives ${JSON.stringify(name)}: such tenants would share a verifier`, async () => {
      const { ask, made, errors } = setUp({ tenant: () => name as string });
      assertEquals(await ask({ TENANT_KEY: "a" }), 500);
      assertEquals([made, (errors[0] as Error).message], [[], "tenant() gave no name"]);
    });
  }

  it("does not remember a failure", async () => {
    const results = [() => {
      throw new Error("not yet");
    }, () => cliAuth({ client: createSoloClient({ ak_user: { subject: "user_1" } }), clientIds: "any" })];
    const { ask } = setUp({ auth: () => results.shift()!() });
    const env = { TENANT_KEY: "a" };
    assertEquals([await ask(env), await ask(env)], [500, "user_1"]);
  });

  it("forgets the verifiers that were not used for the longest time, a thousand others later", async () => {
    const { ask, made } = setUp({ tenant: ({ TENANT_KEY = "" }) => TENANT_KEY });
    for (let tenant = 0; tenant < 1_000; tenant++) await ask({ TENANT_KEY: `${tenant}` });
    await ask({ TENANT_KEY: "0" });
    await ask({ TENANT_KEY: "new" });
    assertEquals(made.length, 1_001);
    await ask({ TENANT_KEY: "0" });
    assertEquals(made.length, 1_001);
    await ask({ TENANT_KEY: "1" });
    assertEquals(made.length, 1_002);
  });
});
