import { assert, assertEquals, assertMatch, assertStrictEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { ClerkCliAuthError, cliAuth, type CliAuthOptions } from "@clerk/cli-auth/server";
import { createCliAuth } from "../../src/server/create_cli_auth.ts";
import { caught } from "../harness/caught.ts";
import { startInstance } from "./support/instance.ts";
import { requestWith } from "./support/request_with.ts";
import { createSoloClient } from "./support/solo_client.ts";

/** The outcome of a verification in one word. */
async function outcome(task: () => Promise<unknown>): Promise<string> {
  return await task().then(() => "accepted", ({ code, oauthError }) => oauthError ?? code);
}

describe("cliAuth() with a secret key alone", () => {
  const { emulator, clientConfig } = startInstance();
  const { user, organization } = emulator;
  const auth = cliAuth({ clientConfig });

  it("verifies a user's API key", async () => {
    const { id, secret } = emulator.createApiKey({ scopes: ["notes:read"], claims: { plan: "pro" } });
    assertEquals(await auth.verifyToken(secret), {
      subject: user.id,
      type: "api_key",
      scopes: ["notes:read"],
      claims: { plan: "pro" },
      id,
    });
  });

  for (const kind of ["organization", "machine", "directory"] as const) {
    it(`verifies the API key of a ${kind}`, async () => {
      const subjects = {
        organization,
        machine: emulator.createMachine(),
        directory: `scim_${"a".repeat(27)}`,
      };
      const { secret } = emulator.createApiKey({ subject: subjects[kind] });
      const expected = { organization: /^org_/, machine: /^mch_/, directory: /^scim_/ };
      const { subject, orgId } = await auth.verifyToken(secret);
      assertMatch(subject, expected[kind]);
      assertEquals(orgId, kind === "organization" ? organization.id : undefined);
    });
  }

  it("verifies an opaque OAuth access token", async () => {
    const { accessToken } = await emulator.issueTokens({ format: "opaque", scopes: ["profile"] });
    const { id, ...info } = await auth.verifyToken(accessToken);
    assertMatch(id ?? "", /^oat_/);
    assertEquals(info, {
      subject: user.id,
      type: "oauth_token",
      scopes: ["profile"],
      clientId: emulator.application.clientId,
    });
  });

  it("verifies an OAuth access token that is a JWT", async () => {
    const { accessToken } = await emulator.issueTokens({
      format: "jwt",
      scopes: ["profile", "user:org:read"],
      organization,
      lifetimeSeconds: 60,
    });
    const { claims, id, expiresAt, ...info } = await auth.verifyToken(accessToken);
    assertEquals(info, {
      subject: user.id,
      type: "oauth_token",
      scopes: ["profile", "user:org:read"],
      clientId: emulator.application.clientId,
      orgId: organization.id,
    });
    assertEquals([claims?.["sub"], claims?.["jti"], claims?.["iss"]], [user.id, id, emulator.issuer]);
    assertEquals(expiresAt, Number(claims?.["exp"]) * 1000);
  });

  it("reads the token of a request", async () => {
    const { secret } = emulator.createApiKey();
    const { subject } = await auth.verifyTokenFromRequest(requestWith(secret), { accepts: "api_key" });
    assertEquals(subject, user.id);
    assertMatch(
      (await caught(() => auth.verifyTokenFromRequest(new Request("https://x/")))).message,
      /Authorization/,
    );
  });

  for (const deadTokens of [404, 400, "inactive"] as const) {
    it(`rejects what is revoked or expired, as Clerk answers ${deadTokens}`, async () => {
      emulator.behavior.deadTokens = deadTokens;
      const apiKey = emulator.createApiKey();
      apiKey.revoked = true;
      const { accessToken } = await emulator.issueTokens({ format: "opaque", lifetimeSeconds: -1 });
      for (const token of [apiKey.secret, accessToken]) {
        assertEquals(await outcome(() => auth.verifyToken(token)), "invalid_token");
      }
    });
  }

  it("rejects what Clerk never issued", async () => {
    for (const token of ["ak_unknown", "oat_unknown"]) {
      assertEquals(await outcome(() => auth.verifyToken(token)), "invalid_token");
    }
  });

  it("requires the accepted kind and every scope, on a remembered token too", async () => {
    const { accessToken } = await emulator.issueTokens({ scopes: ["profile", "email"] });
    for (let round = 0; round < 2; round++) {
      assertEquals(
        await outcome(() => auth.verifyToken(accessToken, { scopes: ["email", "profile"] })),
        "accepted",
      );
      assertEquals(
        await outcome(() => auth.verifyToken(accessToken, { scopes: ["email", "admin"] })),
        "insufficient_scope",
      );
      assertMatch(
        (await caught(() => auth.verifyToken(accessToken, { accepts: "api_key" }))).message,
        /not accepted/,
      );
    }
  });

  it("gives everyone a copy: what one does to it reaches no one else", async () => {
    const { accessToken } = await emulator.issueTokens({ scopes: ["profile"] });
    const info = await auth.verifyToken(accessToken);
    info.scopes.push("admin");
    info.subject = "user_mallory";
    assertThrows(() => info.claims && (info.claims["org_id"] = "org_mallory"), TypeError);
    const again = await auth.verifyToken(accessToken);
    assertEquals([again.subject, again.scopes, again.orgId], [user.id, ["profile"], undefined]);
  });

  it("takes the subject from nowhere but the verification", async () => {
    const claims = {
      sub: "user_mallory",
      subject: "user_mallory",
      user_id: "user_mallory",
      org_id: "org_mallory",
    };
    const tokenInfo = await auth.verifyToken(emulator.createApiKey({ claims }).secret);
    assertEquals(await auth.resolveAuthInfo({ tokenInfo }), { sub: user.id, claims });
  });

  it("gives the client that it uses", async () => {
    const clerk = await auth.getClerk();
    assertStrictEquals(await auth.getClerk(), clerk);
    assertEquals(typeof clerk.authenticateRequest, "function");
  });
});

describe("cliAuth() and JWTs", () => {
  const { emulator, clientConfig, calls } = startInstance();
  const stranger = startInstance().emulator;
  const now = Math.floor(Date.now() / 1000);
  const GOOD = {
    iss: emulator.issuer,
    sub: emulator.user.id,
    client_id: "client-1",
    scope: "profile",
    iat: now,
    nbf: now,
    exp: now + 600,
  };
  const sign = (claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}) =>
    emulator.signJwt({ ...GOOD, ...claims }, { typ: "at+jwt", ...header });

  for (const kind of ["its own client", "a client of the caller's"] as const) {
    const create = async (options: CliAuthOptions = {}) =>
      kind === "its own client" ? cliAuth({ ...options, clientConfig }) : cliAuth({
        ...options,
        client: await (await import("@clerk/backend")).createClerkClient(clientConfig),
      });

    describe(`through ${kind}`, () => {
      it("accepts both spellings of the type (RFC 9068, section 2.1)", async () => {
        const auth = await create();
        for (const typ of ["at+jwt", "application/at+jwt"]) {
          assertEquals((await auth.verifyToken(await sign({}, { typ }))).subject, emulator.user.id);
        }
      });

      it("accepts a clock that is five seconds off, and no more", async () => {
        const auth = await create();
        assertEquals(await outcome(async () => auth.verifyToken(await sign({ exp: now - 2 }))), "accepted");
        assertEquals(
          await outcome(async () => auth.verifyToken(await sign({ iat: now + 4, nbf: now + 4 }))),
          "accepted",
        );
        for (const claims of [{ exp: now - 10 }, { nbf: now + 20 }, { iat: now + 20 }]) {
          assertEquals(await outcome(async () => auth.verifyToken(await sign(claims))), "invalid_token");
        }
      });

      it("rejects a signature by another key, of no key, and of a changed token", async () => {
        const auth = await create();
        const good = await sign();
        const [header, , signature] = good.split(".");
        const forged = btoa(JSON.stringify({ ...GOOD, sub: "user_mallory" })).replaceAll("=", "");
        const { instanceId: kid } = emulator;
        for (
          const token of [
            await stranger.signJwt(GOOD, { typ: "at+jwt", kid }),
            `${header}.${forged}.${signature}`,
            `${good.slice(0, good.lastIndexOf("."))}.AAAA`,
          ]
        ) assertEquals(await outcome(() => auth.verifyToken(token)), "invalid_token");
      });

      it("rejects a key id that is not of the instance, or none", async () => {
        const auth = await create();
        for (const kid of ["ins_other", 7, null]) {
          assertEquals(await outcome(async () => auth.verifyToken(await sign({}, { kid }))), "invalid_token");
        }
      });

      it("requires one of the audiences", async () => {
        const auth = await create({ audience: ["https://api.example.com", "https://other.example.com"] });
        for (const aud of ["https://api.example.com", ["https://x.example", "https://other.example.com"]]) {
          assertEquals(await outcome(async () => auth.verifyToken(await sign({ aud }))), "accepted");
        }
        for (const aud of [undefined, "", [], "https://x.example", ["https://x.example"], 7]) {
          assertEquals(await outcome(async () => auth.verifyToken(await sign({ aud }))), "invalid_token");
        }
      });
    });
  }

  for (
    const [what, claims, header] of [
      ["a session token", {}, { typ: "JWT" }],
      ["a token without a type", {}, { typ: undefined }],
      ["a machine's token", { sub: `mch_${"a".repeat(27)}` }, {}],
      ["no subject", { sub: undefined }, {}],
      ["an empty subject", { sub: "" }, {}],
      ["a subject that is no text", { sub: { id: "user_1" } }, {}],
      ["no expiry", { exp: undefined }, {}],
      ["an expiry that is no number", { exp: "9999999999" }, {}],
      ["an expiry in the past", { exp: now - 3600 }, {}],
      ["a start that is no number", { nbf: "0" }, {}],
      ["the algorithm none", {}, { alg: "none" }],
      ["a symmetric algorithm", {}, { alg: "HS256" }],
      ["an elliptic algorithm", {}, { alg: "ES256" }],
      ["critical extensions (RFC 7515, section 4.1.11)", {}, { crit: ["exp"] }],
    ] as [string, Record<string, unknown>, Record<string, unknown>][]
  ) {
    it(`refuses ${what} without calling Clerk`, async () => {
      const token = await sign(claims, header);
      const before = calls();
      assertEquals(await outcome(() => cliAuth({ clientConfig }).verifyToken(token)), "invalid_token");
      assertEquals(calls(), before);
    });
  }

  it("verifies with a configured public key, without calling Clerk", async () => {
    const [jwk] =
      (await (await emulator.fetch(new Request("http://127.0.0.1/.well-known/jwks.json"))).json()).keys;
    const { keyOfJwk } = await import("../../src/server/verification_key.ts");
    const jwtKey = (await keyOfJwk(jwk))?.pem ?? "";
    const before = calls();
    const auth = cliAuth({ clientConfig: { secretKey: "sk_test_unused", jwtKey } });
    assertEquals((await auth.verifyToken(await sign())).subject, emulator.user.id);
    const foreign = await stranger.signJwt(GOOD, { typ: "at+jwt" });
    assertEquals(await outcome(() => auth.verifyToken(foreign)), "invalid_token");
    assertEquals(calls(), before);
  });

  it("leaves what its own check does not cover to the client", async () => {
    const auth = cliAuth({ clientConfig });
    assertEquals(
      await outcome(async () => auth.verifyToken(await sign({}, { alg: "RS512" }))),
      "invalid_token",
    );
  });

  it("honours the audience of clientConfig", async () => {
    const auth = cliAuth({ clientConfig: { ...clientConfig, audience: "https://api.example.com" } });
    assertEquals(await outcome(async () => auth.verifyToken(await sign())), "invalid_token");
    const aud = "https://api.example.com";
    assertEquals(await outcome(async () => auth.verifyToken(await sign({ aud }))), "accepted");
  });
});

describe("cliAuth() for one's own CLI alone", () => {
  const { emulator, clientConfig } = startInstance();
  const other = emulator.createApplication();
  const own = [emulator.application.clientId];
  const cache = { ttlMs: 60_000 };

  for (const format of ["jwt", "opaque"] as const) {
    it(`refuses a token of another OAuth application, remembered or not: ${format}`, async () => {
      const tokens = await Promise.all(
        [emulator.application, other].map((application) => emulator.issueTokens({ application, format })),
      );
      const auth = cliAuth({ clientConfig, clientIds: own, cache });
      for (let round = 0; round < 3; round++) {
        const outcomes = tokens.map(({ accessToken }) => outcome(() => auth.verifyToken(accessToken)));
        assertEquals(await Promise.all(outcomes), ["accepted", "invalid_token"]);
      }
    });
  }

  it("takes every application of the instance without clientIds", async () => {
    const { accessToken } = await emulator.issueTokens({ application: other });
    assertEquals(await outcome(() => cliAuth({ clientConfig }).verifyToken(accessToken)), "accepted");
  });

  it("takes API keys, which belong to no application", async () => {
    const auth = cliAuth({
      clientConfig,
      clientIds: own,
      audience: "https://api.example.com",
      issuer: emulator.issuer,
    });
    assertEquals(await outcome(() => auth.verifyToken(emulator.createApiKey().secret)), "accepted");
  });

  it("requires the issuer, a slash at the end aside", async () => {
    const { accessToken } = await emulator.issueTokens();
    for (
      const [issuer, expected] of [
        [emulator.issuer, "accepted"],
        [`${emulator.issuer}/`, "accepted"],
        ["https://clerk.example.com", "invalid_token"],
      ] as const
    ) {
      const auth = cliAuth({ clientConfig, issuer });
      for (let round = 0; round < 2; round++) {
        assertEquals(await outcome(() => auth.verifyToken(accessToken)), expected);
      }
    }
  });

  it("has Clerk's answer about an opaque token name one of the audiences", async () => {
    const audience = "https://api.example.com";
    const auth = cliAuth({ clientConfig, audience, cache });
    const [good, bad] = await Promise.all([
      emulator.issueTokens({ format: "opaque", audience }),
      emulator.issueTokens({ format: "opaque" }),
    ]);
    for (let round = 0; round < 2; round++) {
      assertEquals(await outcome(() => auth.verifyToken(good.accessToken)), "accepted");
      assertEquals(await outcome(() => auth.verifyToken(bad.accessToken)), "invalid_token");
    }
  });
});

describe("cliAuth() and its client", () => {
  it("works with a client that has authenticateRequest() alone, whatever it is asked", async () => {
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

  it("passes the token alone to authenticateRequest(), one kind at a time", async () => {
    const client = createSoloClient({ ak_1: { subject: "user_1" }, oat_1: { subject: "user_1" } });
    const auth = cliAuth({ client });
    for (const token of ["ak_1", "oat_1"]) await auth.verifyToken(token);
    assertEquals(client.calls.map(({ options }) => options?.acceptsToken), ["api_key", "oauth_token"]);
    assertMatch(client.calls[1]?.options?.publishableKey ?? "", /^pk_test_/);
  });

  it("always asks a client of the caller's own about a JWT, which may check more than we know", async () => {
    const { emulator, createClient } = startInstance();
    const clerk = await createClient();
    let asked = 0;
    const auth = cliAuth({
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

  it("calls a factory once, on first use, however many ask", async () => {
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
    await auth.verifyToken("ak_1").then(
      () => assert(false),
      ({ message }) => assertEquals(message, "not yet"),
    );
    assertEquals((await auth.verifyToken("ak_1")).subject, "user_1");
  });

  for (const [what, client] of [["null", null], ["something else", { users: {} }], ["a text", "sk_test_1"]]) {
    it(`does not take ${what} for a client`, async () => {
      const auth = cliAuth({ client: () => client as unknown as ReturnType<typeof createSoloClient> });
      const { code } = await caught(() => auth.verifyToken("ak_1"));
      assertEquals(code, "config");
    });
  }

  for (
    const [what, answer] of [
      ["no subject", {}],
      ["an empty subject", { subject: "" }],
      ["a subject that is no text", { subject: 7 }],
      ["nothing", null],
      ["another kind", { subject: "user_1", tokenType: "session_token" }],
    ] as [string, Record<string, unknown>][]
  ) {
    it(`takes an acceptance with ${what} for a rejection`, async () => {
      const authenticateRequest = () => Promise.resolve({ isAuthenticated: true, toAuth: () => answer });
      assertEquals(
        await outcome(() => cliAuth({ client: { authenticateRequest } }).verifyToken("ak_1")),
        "invalid_token",
      );
    });
  }
});

describe("cliAuth() and the environment", () => {
  const { emulator, clientConfig } = startInstance();
  const { secretKey, apiUrl } = clientConfig;
  const create = (variables: Record<string, string>, options: CliAuthOptions = {}) =>
    createCliAuth(options, { variable: (name) => variables[name] });

  it("needs CLERK_SECRET_KEY and no more", async () => {
    const auth = create({ CLERK_SECRET_KEY: secretKey, CLERK_API_URL: apiUrl });
    assertEquals((await auth.verifyToken(emulator.createApiKey().secret)).subject, emulator.user.id);
    assertEquals(
      (await auth.verifyToken((await emulator.issueTokens()).accessToken)).subject,
      emulator.user.id,
    );
  });

  it("names the variable that is missing, and neither before nor otherwise than on use", async () => {
    const error = await caught(() => create({}).verifyToken("ak_1"));
    assertEquals([error.code, error.exitCode], ["config", 2]);
    assertMatch(error.action, /CLERK_SECRET_KEY/);
  });

  it("reads the variables late, and once", async () => {
    const variables: Record<string, string> = {};
    const auth = create(variables);
    Object.assign(variables, { CLERK_SECRET_KEY: secretKey, CLERK_API_URL: apiUrl });
    await auth.verifyToken(emulator.createApiKey().secret);
    variables["CLERK_SECRET_KEY"] = "sk_test_other";
    await auth.verifyToken(emulator.createApiKey().secret);
  });

  it("enforces CLERK_OAUTH_CLIENT_ID, one or several, unless clientIds says otherwise", async () => {
    const { accessToken } = await emulator.issueTokens();
    const { clientId } = emulator.application;
    for (
      const [CLERK_OAUTH_CLIENT_ID, options, expected] of [
        [clientId, {}, "accepted"],
        [`other, ${clientId}`, {}, "accepted"],
        ["other", {}, "invalid_token"],
        ["other", { clientIds: [clientId] }, "accepted"],
        [clientId, { clientIds: ["other"] }, "invalid_token"],
      ] as const
    ) {
      const variables = { CLERK_SECRET_KEY: secretKey, CLERK_API_URL: apiUrl, CLERK_OAUTH_CLIENT_ID };
      assertEquals(await outcome(() => create(variables, options).verifyToken(accessToken)), expected);
    }
  });

  it("enforces CLERK_OAUTH_CLIENT_ID with a client of the caller's too", async () => {
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

  it("checks the address in clientConfig as well", async () => {
    const auth = cliAuth({ clientConfig: { secretKey, apiUrl: "http://api.example.com" } });
    assertEquals((await caught(() => auth.verifyToken("ak_1"))).code, "config");
  });

  for (
    const [what, options] of [
      ["an empty list of client ids", { clientIds: [] }],
      ["an issuer that is no URL", { issuer: "clerk" }],
      ["no time at all", { requestTimeoutMs: 0 }],
      ["a time that is no number", { requestTimeoutMs: NaN }],
      ["a cache without a time to live", { cache: { ttlMs: 0 } }],
    ] as [string, CliAuthOptions][]
  ) {
    it(`refuses ${what} at once`, () => {
      const error = assertThrows(() => cliAuth(options), ClerkCliAuthError);
      assertEquals((error as ClerkCliAuthError).code, "config");
    });
  }
});
