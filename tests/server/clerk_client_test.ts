import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { ClerkCliAuthError, type ClerkClientLike, cliAuth } from "@clerk/cli-auth/server";
import { caught } from "../harness/caught.ts";
import { apiError } from "./support/api_error.ts";
import { startInstance } from "./support/instance.ts";
import { outcome } from "./support/outcome.ts";
import { createFailingClient, createSoloClient } from "./support/solo_client.ts";

describe("cliAuth() and its client", () => {
  it("works with a client that only has authenticateRequest(), for every kind of token", async () => {
    const { emulator, createClient } = startInstance();
    const { authenticateRequest } = await createClient();
    const auth = cliAuth({ client: { authenticateRequest } });
    const tokens = await Promise.all(
      (["jwt", "opaque"] as const).map(async (format) =>
        (await emulator.issueTokens({ format })).accessToken
      ),
    );
    for (const token of [...tokens, emulator.createApiKey().secret]) {
      assertEquals((await auth.verifyToken(token)).subject, emulator.user.id);
    }
    assertEquals(await outcome(() => auth.verifyToken("ak_unknown")), "invalid_token");
    assertEquals(
      (await auth.resolveAuthInfo({ tokenInfo: await auth.verifyToken(tokens[0] ?? "") })).sub,
      emulator.user.id,
    );
  });

  it("passes only the token to authenticateRequest(), one kind at a time", async () => {
    const client = createSoloClient({ ak_1: { subject: "user_1" }, oat_1: { subject: "user_1" } });
    const auth = cliAuth({ client });
    for (const token of ["ak_1", "oat_1"]) await auth.verifyToken(token);
    assertEquals(client.calls.map(({ options }) => options?.acceptsToken), ["api_key", "oauth_token"]);
    assertMatch(client.calls[1]?.options?.publishableKey ?? "", /^pk_test_/);
  });

  it("always asks the caller's own client about a JWT: it may check more than we know", async () => {
    const { emulator, createClient } = startInstance();
    const clerk = await createClient();
    let asked = 0;
    const auth = cliAuth<ClerkClientLike>({
      client: {
        ...clerk,
        authenticateRequest: (request, options) => {
          asked++;
          return clerk.authenticateRequest(request, options as { acceptsToken: "oauth_token" });
        },
      },
    });
    for (let count = 0; count < 3; count++) {
      await auth.verifyToken((await emulator.issueTokens()).accessToken);
    }
    assertEquals(asked, 3);
  });

  it("makes the caller's own client require the audiences of access tokens only", async () => {
    const client = createSoloClient({ ak_1: { subject: "user_1" }, oat_1: { subject: "user_1" } });
    const auth = cliAuth({ client, audience: "https://api.example.com" });
    for (const token of ["ak_1", "oat_1"]) await auth.verifyToken(token);
    assertEquals(client.calls.map(({ options }) => Object.keys(options ?? {}).sort()), [
      ["acceptsToken"],
      ["acceptsToken", "audience", "publishableKey"],
    ]);
    assertEquals(client.calls[1]?.options?.audience, ["https://api.example.com"]);
  });

  it("calls a factory once, on first use, however many callers there are", async () => {
    let calls = 0;
    const client = createSoloClient({ ak_1: { subject: "user_1" }, ak_2: { subject: "user_2" } });
    const auth = cliAuth({ client: () => Promise.resolve((calls++, client)) });
    assertEquals(calls, 0);
    await Promise.all(["ak_1", "ak_2", "ak_1"].map((token) => auth.verifyToken(token)));
    assertStrictEquals(await auth.getClerk(), client);
    assertEquals(calls, 1);
  });

  it("calls a factory again that has failed", async () => {
    const client = createSoloClient({ ak_1: { subject: "user_1" } });
    const results = [() => Promise.reject(new Error("not yet")), () => client];
    const auth = cliAuth({ client: () => results.shift()?.() ?? client });
    const { message, cause } = await caught(() => auth.verifyToken("ak_1"));
    assertEquals([message, (cause as Error).message], [
      "The function that 'client' is gave no Clerk client",
      "not yet",
    ]);
    assertEquals((await auth.verifyToken("ak_1")).subject, "user_1");
  });

  for (const [what, client] of [["null", null], ["something else", { users: {} }], ["a text", "sk_test_1"]]) {
    it(`does not accept ${what} as a client`, async () => {
      const auth = cliAuth({ client: () => client as unknown as ReturnType<typeof createSoloClient> });
      const { code, message } = await caught(() => auth.verifyToken("ak_1"));
      assertEquals([code, message], [
        "config",
        "'client' must be a Clerk client: it has no authenticateRequest()",
      ]);
    });
  }

  it("says that a configuration was refused", async () => {
    const secretKey = Promise.resolve("sk_test_1") as unknown as string;
    const auth = cliAuth({ clientConfig: { secretKey } });
    const { code, message, cause } = await caught(() => auth.verifyToken("ak_1"));
    assertEquals([code, message], ["config", "@clerk/backend refused its configuration"]);
    assert(cause instanceof TypeError);
  });

  const thrown: [what: string, error: unknown, expected: string][] = [
    ["that Clerk does not know the token", apiError(404), "invalid_token"],
    ["that Clerk is busy", apiError(429), "unavailable"],
    ["somebody else's word", apiError(404, { somebodyElses: true }), "unavailable"],
    ["that Clerk was not reached", apiError(undefined), "unavailable"],
    ["an error of this package", new ClerkCliAuthError("unavailable", "closed"), "unavailable"],
    ["any other error", new TypeError("a mistake"), "config"],
    ["a text", "a mistake", "config"],
  ];
  for (const [what, error, expected] of thrown) {
    it(`treats ${what} that it throws as '${expected}'`, async () => {
      const client = createFailingClient(() => {
        throw error;
      });
      assertEquals(await outcome(() => cliAuth({ client }).verifyToken("ak_1")), expected);
    });
  }

  it("tells the operator what it throws", async () => {
    const mistake = new TypeError("a mistake");
    const client = createFailingClient(() => Promise.reject(mistake));
    const { message, cause } = await caught(() => cliAuth({ client }).verifyToken("ak_1"));
    assertEquals([message, cause], ["The Clerk client failed to verify a token", mistake]);
  });

  it("does not treat an outage as a rejection of an opaque token", async () => {
    const authenticateRequest = () =>
      Promise.resolve({
        isAuthenticated: false,
        reason: "token-verification-failed",
        message: "fetch failed",
        toAuth: () => null,
      });
    const auth = cliAuth({ client: { authenticateRequest } });
    for (const token of ["ak_1", "oat_1"]) {
      assertEquals(await outcome(() => auth.verifyToken(token)), "unavailable");
    }
  });

  it("says that Clerk considers a token one of another kind", async () => {
    const client = createSoloClient({ ak_1: { subject: "user_1", tokenType: "session_token" } });
    const { message } = await caught(() => cliAuth({ client }).verifyToken("ak_1"));
    assertEquals(message, "Clerk holds the token for one of another kind");
  });

  it("treats a rejection without a reason as one", async () => {
    const authenticateRequest = () => Promise.resolve({ isAuthenticated: false, toAuth: () => null });
    assertEquals(
      await outcome(() => cliAuth({ client: { authenticateRequest } }).verifyToken("ak_1")),
      "invalid_token",
    );
  });

  for (
    const [what, answer] of [
      ["no subject", {}],
      ["an empty subject", { subject: "" }],
      ["a subject that is no text", { subject: 7 }],
      ["nothing", null],
      ["another kind", { subject: "user_1", tokenType: "session_token" }],
    ] as [string, Record<string, unknown>][]
  ) {
    it(`treats an acceptance with ${what} as a rejection`, async () => {
      const authenticateRequest = () => Promise.resolve({ isAuthenticated: true, toAuth: () => answer });
      assertEquals(
        await outcome(() => cliAuth({ client: { authenticateRequest } }).verifyToken("ak_1")),
        "invalid_token",
      );
    });
  }
});
