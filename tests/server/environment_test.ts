import { assertEquals, assertThrows } from "@std/assert";
import { beforeAll, describe, it } from "@std/testing/bdd";
import {
  ClerkCliAuthError,
  type ClerkClientLike,
  cliAuth,
  type CliAuthFactoryOptions,
  fetchHandler,
  handle,
} from "@clerk/cli-auth/server";
import type { Emulator } from "@clerk/cli-auth/testing";
import { createCliAuth } from "../doors/server.ts";
import { caught } from "../harness/caught.ts";
import { startInstance } from "./support/instance.ts";
import { outcome } from "./support/outcome.ts";
import { requestWith } from "./support/request_with.ts";
import { createSoloClient } from "./support/solo_client.ts";

describe("cliAuth() and the environment", () => {
  let emulator: Emulator;
  let secretKey: string;
  let apiUrl: string;
  beforeAll(() => {
    const instance = startInstance();
    ({ emulator } = instance);
    ({ secretKey, apiUrl } = instance.clientConfig);
  });
  const create = (
    variables: Record<string, string | null>,
    options: CliAuthFactoryOptions<ClerkClientLike> = {},
  ) => createCliAuth(options, { variable: (name) => variables[name] });

  it("needs nothing but CLERK_SECRET_KEY", async () => {
    const auth = create({ CLERK_SECRET_KEY: secretKey, CLERK_API_URL: apiUrl });
    assertEquals((await auth.verifyToken(emulator.createApiKey().secret)).subject, emulator.user.id);
    assertEquals(
      (await auth.verifyToken((await emulator.issueTokens()).accessToken)).subject,
      emulator.user.id,
    );
  });

  it("names the missing variable, on first use only", async () => {
    const error = await caught(() => create({}).verifyToken("ak_1"));
    assertEquals([error.code, error.exitCode], ["config", 2]);
    assertEquals([error.message, error.action], [
      "The server has no Clerk secret key: CLERK_SECRET_KEY is not set",
      "Set CLERK_SECRET_KEY, or pass clientConfig: { secretKey } to cliAuth()",
    ]);
  });

  it("reads the variables late, and once", async () => {
    const variables: Record<string, string> = {};
    const auth = create(variables);
    Object.assign(variables, { CLERK_SECRET_KEY: secretKey, CLERK_API_URL: apiUrl });
    await auth.verifyToken(emulator.createApiKey().secret);
    variables["CLERK_SECRET_KEY"] = "sk_test_other";
    await auth.verifyToken(emulator.createApiKey().secret);
  });

  it("enforces CLERK_OAUTH_CLIENT_ID, with one id or several, unless clientIds says otherwise", async () => {
    const { accessToken } = await emulator.issueTokens();
    const { clientId } = emulator.application;
    for (
      const [CLERK_OAUTH_CLIENT_ID, options, expected] of [
        [clientId, {}, "accepted"],
        [`other, ${clientId}`, {}, "accepted"],
        [`${clientId},`, {}, "accepted"],
        ["other", {}, "invalid_token"],
        ["other", { clientIds: [clientId] }, "accepted"],
        [clientId, { clientIds: ["other"] }, "invalid_token"],
      ] as const
    ) {
      const variables = { CLERK_SECRET_KEY: secretKey, CLERK_API_URL: apiUrl, CLERK_OAUTH_CLIENT_ID };
      assertEquals(await outcome(() => create(variables, options).verifyToken(accessToken)), expected);
    }
  });

  for (const CLERK_OAUTH_CLIENT_ID of ["client-1,", ",client-1", "client-1, ,client-2"]) {
    it(`accepts no token without an application under "${CLERK_OAUTH_CLIENT_ID}"`, async () => {
      const client = createSoloClient({ oat_1: { subject: "user_1" } });
      const auth = create({ CLERK_OAUTH_CLIENT_ID }, { client });
      assertEquals(await outcome(() => auth.verifyToken("oat_1")), "invalid_token");
    });
  }

  for (const CLERK_OAUTH_CLIENT_ID of ["", " ", ",", " , "]) {
    it(`does not accept "${CLERK_OAUTH_CLIENT_ID}" as a list of applications`, async () => {
      const client = createSoloClient({ oat_1: { subject: "user_1" } });
      const auth = create({ CLERK_OAUTH_CLIENT_ID }, { client });
      const { code, message, action } = await caught(() => auth.verifyToken("oat_1"));
      assertEquals([code, message, action], [
        "config",
        "CLERK_OAUTH_CLIENT_ID lists no OAuth application",
        'List client IDs in it, or pass clientIds to cliAuth(): "any" for every application of the instance',
      ]);
    });
  }

  it("does not treat a CLERK_OAUTH_CLIENT_ID that may not be read as one that is not set", async () => {
    const client = createSoloClient({ oat_1: { subject: "user_1" } });
    const auth = create({ CLERK_OAUTH_CLIENT_ID: null }, { client });
    const { code, message, action } = await caught(() => auth.verifyToken("oat_1"));
    assertEquals([code, message, action], [
      "config",
      "CLERK_OAUTH_CLIENT_ID may not be read",
      "Allow it (in Deno: --allow-env=CLERK_OAUTH_CLIENT_ID), or pass clientIds to cliAuth()",
    ]);
  });

  for (const CLERK_OAUTH_CLIENT_ID of ["", null]) {
    it(`needs no CLERK_OAUTH_CLIENT_ID beside clientIds, or for API keys alone: ${CLERK_OAUTH_CLIENT_ID}`, async () => {
      const client = createSoloClient({
        oat_1: { subject: "user_1", clientId: "client-1" },
        ak_1: { subject: "user_1" },
      });
      const variables = { CLERK_OAUTH_CLIENT_ID };
      for (const clientIds of [["client-1"], "any"] as const) {
        assertEquals(
          (await create(variables, { client, clientIds }).verifyToken("oat_1")).clientId,
          "client-1",
        );
      }
      const { subject } = await create(variables, { client }).verifyToken("ak_1", { accepts: "api_key" });
      assertEquals(subject, "user_1");
    });
  }

  it("enforces CLERK_OAUTH_CLIENT_ID with a client of the caller's as well", async () => {
    const client = createSoloClient({ oat_1: { subject: "user_1", clientId: "client-1" } });
    const auth = create({ CLERK_OAUTH_CLIENT_ID: "client-2" }, { client });
    assertEquals(await outcome(() => auth.verifyToken("oat_1")), "invalid_token");
  });

  for (
    const CLERK_API_URL of [
      "http://api.example.com",
      "ftp://127.0.0.1",
      "api.clerk.com",
      "https://user@api.clerk.com",
    ]
  ) {
    it(`does not send the secret key to ${CLERK_API_URL}`, async () => {
      const { code } = await caught(() =>
        create({ CLERK_SECRET_KEY: secretKey, CLERK_API_URL }).verifyToken("ak_1")
      );
      assertEquals(code, "config");
    });
  }

  it("checks the URL in clientConfig at once", async () => {
    const create = () => cliAuth({ clientConfig: { secretKey, apiUrl: "http://api.example.com" } });
    assertEquals((await caught(create)).code, "config");
  });

  for (
    const [options, name, got] of [
      [{ requestTimeoutMs: 0 }, "requestTimeoutMs", "0"],
      [{ requestTimeoutMs: "10" as unknown as number }, "requestTimeoutMs", "10"],
      [{ cache: { ttlMs: 2 ** 31 } }, "cache.ttlMs", "2147483648"],
    ] as const
  ) {
    it(`names the invalid duration: ${name} of ${got}`, async () => {
      assertEquals(
        (await caught(() => cliAuth(options))).message,
        `'${name}' must be a positive number of milliseconds, at most 2147483647: got ${got}`,
      );
    });
  }

  it("accepts the longest duration that a timer accepts", () => {
    cliAuth({ requestTimeoutMs: 2 ** 31 - 1 });
  });

  for (
    const [what, options] of [
      ["an empty list of client ids", { clientIds: [] }],
      ["a client id that is empty", { clientIds: ["client-1", ""] }],
      ["a client id that is missing", { clientIds: [undefined as unknown as string] }],
      ["client ids that are no list", { clientIds: "client-1" as unknown as string[] }],
      ["an empty list of audiences", { audience: [] }],
      ["an audience that is empty", { audience: "" }],
      ["an audience of clientConfig that is empty", { clientConfig: { audience: [""] } }],
      ["an issuer that is no URL", { issuer: "clerk" }],
      ["no time at all", { requestTimeoutMs: 0 }],
      ["a time that is no number", { requestTimeoutMs: NaN }],
      ["a time at which a timer fires at once", { requestTimeoutMs: 2 ** 31 }],
      ["a cache without a time to live", { cache: { ttlMs: 0 } }],
    ] as [string, CliAuthFactoryOptions][]
  ) {
    it(`refuses ${what} at once`, () => {
      const error = assertThrows(() => cliAuth(options), ClerkCliAuthError);
      assertEquals((error as ClerkCliAuthError).code, "config");
    });
  }
});

describe("the env of the platform", () => {
  const client = createSoloClient({
    oat_own: { subject: "user_1", clientId: "client-1" },
    oat_foreign: { subject: "user_1", clientId: "client-2" },
  });
  const env = { CLERK_OAUTH_CLIENT_ID: "client-1" };
  const statuses = (fetch: (request: Request) => Promise<Response>) =>
    Promise.all(["oat_own", "oat_foreign"].map(async (token) => (await fetch(requestWith(token))).status));

  it("is where cliAuth() reads its variables first", async () => {
    assertEquals(await statuses(handle({ auth: cliAuth({ client, env }) })), [200, 401]);
  });

  it("has everything that cliAuth() needs", async () => {
    const { emulator, clientConfig: { secretKey, apiUrl } } = startInstance();
    const auth = cliAuth({
      env: { ...env, CLERK_SECRET_KEY: secretKey, CLERK_API_URL: apiUrl },
      cache: { ttlMs: 60_000 },
    });
    assertEquals((await auth.verifyToken(emulator.createApiKey().secret)).subject, emulator.user.id);
    const { accessToken } = await emulator.issueTokens();
    assertEquals(await outcome(() => auth.verifyToken(accessToken)), "invalid_token");
  });

  it("applies to a verifier created for fetchHandler() without its own env", async () => {
    const { fetch } = fetchHandler({ auth: () => cliAuth({ client }), onError: () => {} });
    assertEquals(await statuses((request) => fetch(request, env)), [200, 401]);
  });

  it("applies only to that verifier", async () => {
    const failing = fetchHandler({
      auth: () => {
        throw new Error("not now");
      },
      onError: () => {},
    });
    await failing.fetch(requestWith("oat_own"), env);
    assertEquals(await statuses(handle({ auth: cliAuth({ client }) })), [200, 200]);
  });

  for (const CLERK_OAUTH_CLIENT_ID of ["", ["client-1"], 7, null]) {
    it(`is misconfigured if its CLERK_OAUTH_CLIENT_ID is ${JSON.stringify(CLERK_OAUTH_CLIENT_ID)}`, async () => {
      for (const auth of [undefined, () => cliAuth({ client })]) {
        const { fetch } = fetchHandler({ ...(auth ? { auth } : { client }), onError: () => {} });
        assertEquals(await statuses((request) => fetch(request, { CLERK_OAUTH_CLIENT_ID })), [500, 500]);
      }
    });
  }
});

describe("a CLERK_JWT_KEY that is malformed", () => {
  for (const CLERK_JWT_KEY of ["planted", "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----"]) {
    it(`is reported to the operator and the health check, never to a caller: ${CLERK_JWT_KEY}`, async () => {
      const { emulator, clientConfig: { secretKey, apiUrl } } = startInstance();
      const reported = new Set<string>();
      const { fetch } = fetchHandler({
        healthPath: "/health",
        onError: (error) => void reported.add((error as Error).message),
      });
      const env = {
        CLERK_SECRET_KEY: secretKey,
        CLERK_API_URL: apiUrl,
        CLERK_OAUTH_CLIENT_ID: "client-1",
        CLERK_JWT_KEY,
      };
      const { accessToken } = await emulator.issueTokens();
      const requests = [
        requestWith(accessToken),
        requestWith(emulator.createApiKey().secret),
        new Request("https://api.example.com/health"),
      ];
      for (const request of requests) {
        const response = await fetch(request, env);
        const { error, error_description: description } = await response.json();
        assertEquals([response.status, error, description.includes("JWT")], [500, "config", false]);
      }
      assertEquals([...reported], ["CLERK_JWT_KEY is not the public key of a Clerk instance in PEM"]);
    });
  }
});

describe("a verifier that nothing restricts to an application", () => {
  const client = createSoloClient({
    oat_1: { subject: "user_1", clientId: "client-1" },
    ak_1: { subject: "user_1" },
  });

  /** What a verifier writes to the log when it is used three times. */
  async function logOf(
    variables: Record<string, string>,
    options: CliAuthFactoryOptions<ClerkClientLike> = {},
    verify: (auth: ReturnType<typeof cliAuth>) => Promise<unknown> = (auth) => auth.verifyToken("oat_1"),
  ): Promise<string[]> {
    const lines: string[] = [];
    const { warn } = console;
    console.warn = (...parts: unknown[]) => void lines.push(parts.join(" "));
    try {
      const auth = createCliAuth({ client, ...options }, { variable: (name) => variables[name] });
      for (let count = 0; count < 3; count++) await verify(auth);
    } finally {
      console.warn = warn;
    }
    return lines;
  }

  it("says so in one line", async () => {
    assertEquals(await logOf({}), [
      "@clerk/cli-auth: tokens of every OAuth application of this Clerk instance are accepted. Set " +
      'CLERK_OAUTH_CLIENT_ID or clientIds; clientIds: "any" says that this is intended.',
    ]);
  });

  it("says nothing if that is intended, or if something does", async () => {
    assertEquals(await logOf({}, { clientIds: "any" }), []);
    assertEquals(await logOf({}, { clientIds: ["client-1"] }), []);
    assertEquals(await logOf({ CLERK_OAUTH_CLIENT_ID: "client-1" }), []);
  });

  it("says nothing if no access tokens are accepted", async () => {
    assertEquals(await logOf({}, {}, (auth) => auth.verifyToken("ak_1", { accepts: "api_key" })), []);
  });
});
