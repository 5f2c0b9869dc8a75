import { assertEquals, assertThrows } from "@std/assert";
import { beforeAll, describe, it } from "@std/testing/bdd";
import { ClerkCliAuthError, cliAuth, type CliAuthOptions } from "@clerk/cli-auth/server";
import type { Emulator } from "@clerk/cli-auth/testing";
import { createCliAuth } from "../doors/server.ts";
import { caught } from "../harness/caught.ts";
import { startInstance } from "./support/instance.ts";
import { outcome } from "./support/outcome.ts";
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
  const create = (variables: Record<string, string>, options: CliAuthOptions = {}) =>
    createCliAuth(options, { variable: (name) => variables[name] });

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

  for (const CLERK_OAUTH_CLIENT_ID of [" ", ",", " , "]) {
    it(`does not accept "${CLERK_OAUTH_CLIENT_ID}" as a list of applications`, async () => {
      const client = createSoloClient({ oat_1: { subject: "user_1" } });
      const auth = create({ CLERK_OAUTH_CLIENT_ID }, { client });
      assertEquals(await outcome(() => auth.verifyToken("oat_1")), "config");
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

  it("checks the URL in clientConfig as well", async () => {
    const auth = cliAuth({ clientConfig: { secretKey, apiUrl: "http://api.example.com" } });
    assertEquals((await caught(() => auth.verifyToken("ak_1"))).code, "config");
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
    ] as [string, CliAuthOptions][]
  ) {
    it(`refuses ${what} at once`, () => {
      const error = assertThrows(() => cliAuth(options), ClerkCliAuthError);
      assertEquals((error as ClerkCliAuthError).code, "config");
    });
  }
});
