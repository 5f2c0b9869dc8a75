import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { createEmulator } from "@clerk/cli-auth/testing";
import { startTestClient } from "../harness/test_client.ts";
import { unsignedJwt } from "../harness/unsigned_jwt.ts";
import { challengeOf, type ResourceServer, startResourceServer } from "./support/resource_server.ts";

const AUDIENCE = "https://api.example.com";

describe("RFC 9068, the resource server", () => {
  let server: ResourceServer;
  beforeAll(async () => {
    server = await startResourceServer();
  });
  afterAll(() => server.close());

  type Changes = [claims?: Record<string, unknown>, header?: Record<string, unknown>];

  /** The status of the response to a token with these changes. */
  async function statusOf(...changes: Changes): Promise<number> {
    return (await server.ask(`Bearer ${await server.accessToken(...changes)}`)).status;
  }

  it("section 4: accepts a valid access token", async () => {
    assertEquals(await statusOf(), 200);
  });

  it("section 4: MUST verify that typ is at+jwt or application/at+jwt, and reject any other", async () => {
    assertEquals(await statusOf({}, { typ: "application/at+jwt" }), 200);
    for (const typ of ["JWT", "jwt", "", "logout+jwt", null, undefined]) {
      assertEquals(await statusOf({}, { typ }), 401, String(typ));
    }
  });

  it("section 4: MUST validate the signature", async () => {
    const token = await server.accessToken();
    const [header, claims, signature = ""] = token.split(".");
    const flipped = signature.replace(/^./, (first) => first === "A" ? "B" : "A");
    const mallory = btoa(JSON.stringify({ ...server.claims(), sub: "user_mallory" })).replaceAll("=", "");
    for (const forged of [[header, claims, flipped], [header, mallory, signature], [header, claims, ""]]) {
      assertEquals((await server.ask(`Bearer ${forged.join(".")}`)).status, 401);
    }
  });

  it("section 4: MUST use the keys that the authorization server provides", async () => {
    const stranger = createEmulator({ signingKey: "instance" });
    const header = { typ: "at+jwt", kid: server.emulator.instanceId };
    const foreign = await stranger.signJwt(server.claims(), header);
    assertEquals((await server.ask(`Bearer ${foreign}`)).status, 401);
  });

  it("section 4: MUST reject a token whose algorithm is none", async () => {
    const [header, claims] = [{ alg: "none", typ: "at+jwt" }, server.claims()].map((part) =>
      btoa(JSON.stringify(part)).replaceAll("=", "")
    );
    for (const token of [`${header}.${claims}.`, `${header}.${claims}.AAAA`]) {
      assertEquals((await server.ask(`Bearer ${token}`)).status, 401);
    }
  });

  it("section 2.1: MUST NOT be unsigned, nor signed with what the server does not expect", async () => {
    for (const alg of ["none", "HS256", "ES256", "rs256"]) {
      assertEquals(await statusOf({}, { alg }), 401, alg);
    }
  });

  it("section 4: the current time MUST be before exp, with a few seconds of leeway", async () => {
    const now = Math.floor(Date.now() / 1000);
    assertEquals(await statusOf({ exp: now - 3600 }), 401);
    assertEquals(await statusOf({ exp: now - 10 }), 401);
    assertEquals(await statusOf({ exp: undefined }), 401);
    assertEquals(await statusOf({ exp: "never" }), 401);
  });

  it("section 4: iss MUST exactly match the issuer, if configured", async () => {
    const strict = await startResourceServer({ verifier: { issuer: "https://clerk.example.com" } });
    try {
      for (
        const [iss, expected] of [
          ["https://clerk.example.com", 200],
          ["https://clerk.example.com/", 401],
          ["https://CLERK.example.com", 401],
          ["https://evil.example", 401],
          [undefined, 401],
        ] as const
      ) {
        assertEquals((await strict.ask(`Bearer ${await strict.accessToken({ iss })}`)).status, expected, iss);
      }
    } finally {
      await strict.close();
    }
  });

  it("section 4: aud MUST contain the server's own identifier, if configured", async () => {
    const strict = await startResourceServer({ verifier: { audience: AUDIENCE } });
    try {
      for (
        const [aud, expected] of [
          [AUDIENCE, 200],
          [[AUDIENCE, "https://other.example"], 200],
          ["https://other.example", 401],
          [["https://other.example"], 401],
          [`${AUDIENCE}.evil.example`, 401],
          [undefined, 401],
          [[], 401],
        ] as const
      ) {
        assertEquals((await strict.ask(`Bearer ${await strict.accessToken({ aud })}`)).status, expected);
      }
    } finally {
      await strict.close();
    }
  });

  it("section 4: MUST reject with 401 and invalid_token", async () => {
    const response = await server.ask(`Bearer ${await server.accessToken({ exp: 1_700_000_000 })}`);
    assertEquals(response.status, 401);
    assertStringIncludes(challengeOf(response), 'error="invalid_token"');
  });

  it("section 4: SHOULD authorize by the scopes that the token has", async () => {
    const demanding = await startResourceServer({ scopes: ["notes:write"] });
    try {
      for (
        const [scope, expected] of [
          ["profile notes:write", 200],
          ["profile", 403],
          ["notes:write2", 403],
          [undefined, 403],
        ] as const
      ) {
        const token = await demanding.accessToken({ scope });
        assertEquals((await demanding.ask(`Bearer ${token}`)).status, expected, scope);
      }
    } finally {
      await demanding.close();
    }
  });

  it("section 5: an ID token of the same issuer MUST NOT pass for an access token", async () => {
    const { idToken } = await server.emulator.issueTokens({ format: "jwt" });
    assertMatch(idToken ?? "", /^ey.*\..*\./);
    assertEquals((await server.ask(`Bearer ${idToken}`)).status, 401);
  });

  it("section 5: a machine MUST NOT pass for a person by its sub", async () => {
    assertEquals(await statusOf({ sub: `mch_${"a".repeat(27)}` }), 401);
    for (const sub of ["", undefined, 7, { id: "user_1" }]) assertEquals(await statusOf({ sub }), 401);
  });
});

describe("RFC 9068, the client", () => {
  it("section 6: MUST NOT depend on the content of the access token: any text will do", async () => {
    const tokens = ["opaque", "a.b.c", "eyJhbGciOiJub25lIn0.bm90IEpTT04.x", "....", "eyJ9.eyJ9."];
    for (const access_token of tokens) {
      const client = await startTestClient();
      try {
        const body = { access_token, token_type: "Bearer", expires_in: 3600, refresh_token: "rt_1" };
        client.emulator.faults.add({ endpoint: "token", body });
        client.emulator.faults.add({ endpoint: "userinfo", body: { sub: "user_1" } });
        const { tokens, user } = await client.auth.login();
        assertEquals([tokens.accessToken, user.sub], [access_token, "user_1"]);
        assertEquals(await client.auth.getAccessToken(), access_token);
      } finally {
        await client.close();
      }
    }
  });

  it("section 6: a JWT access token never overrides what the issuer's response says", async () => {
    const client = await startTestClient();
    try {
      const access_token = unsignedJwt({ exp: 1 });
      client.emulator.faults.add({ endpoint: "token", body: { access_token, expires_in: 3600 } });
      client.emulator.faults.add({ endpoint: "userinfo", body: { sub: "user_1" } });
      const { tokens } = await client.auth.login();
      assert(tokens.expiresAt! > Date.now() + 3_000_000);
      assertEquals(await client.auth.getAccessToken(), access_token);
    } finally {
      await client.close();
    }
  });
});
