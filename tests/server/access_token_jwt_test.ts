import { assertEquals } from "@std/assert";
import { afterEach, beforeAll, beforeEach, describe, it } from "@std/testing/bdd";
import { cliAuth, type CliAuthFactoryOptions } from "@clerk/cli-auth/server";
import { createEmulator, type Emulator } from "@clerk/cli-auth/testing";
import { encodeBase64Url } from "../doors/core.ts";
import { decodeAccessTokenJwt, faultOf, keyOfJwk } from "../doors/server.ts";
import type { FakeClock } from "../harness/fake_clock.ts";
import { installSystemClock } from "./support/clock.ts";
import { type Instance, startInstance } from "./support/instance.ts";
import { outcome } from "./support/outcome.ts";

describe("cliAuth() and JWTs", () => {
  let stranger: Emulator;
  let emulator: Emulator;
  let clientConfig: Instance["clientConfig"];
  let calls: Instance["calls"];
  let clock: FakeClock;
  beforeAll(() => {
    ({ emulator, clientConfig, calls } = startInstance());
    stranger = createEmulator({ signingKey: "instance" });
  });
  beforeEach(() => {
    clock = installSystemClock();
  });
  afterEach(() => clock.uninstall());

  // Computed in each test: a worker has no clock before a request comes.
  const seconds = (ahead: number) => Math.floor(Date.now() / 1000) + ahead;
  const good = () => ({
    iss: emulator.issuer,
    sub: emulator.user.id,
    client_id: "client-1",
    scope: "profile",
    iat: seconds(0),
    nbf: seconds(0),
    exp: seconds(600),
  });
  const sign = (claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}) =>
    emulator.signJwt({ ...good(), ...claims }, { typ: "at+jwt", ...header });

  for (const kind of ["its own client", "a client of the caller's"] as const) {
    const create = async (options: CliAuthFactoryOptions = {}) =>
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
        assertEquals(
          await outcome(async () => auth.verifyToken(await sign({ exp: seconds(-2) }))),
          "accepted",
        );
        assertEquals(
          await outcome(async () => auth.verifyToken(await sign({ iat: seconds(4), nbf: seconds(4) }))),
          "accepted",
        );
        for (const claims of [{ exp: seconds(-10) }, { nbf: seconds(20) }, { iat: seconds(20) }]) {
          assertEquals(await outcome(async () => auth.verifyToken(await sign(claims))), "invalid_token");
        }
      });

      it("rejects a signature by another key, of no key, and of a changed token", async () => {
        const auth = await create();
        const token = await sign();
        const [header, , signature] = token.split(".");
        const forged = btoa(JSON.stringify({ ...good(), sub: "user_mallory" })).replaceAll("=", "");
        const { instanceId: kid } = emulator;
        for (
          const forgery of [
            await stranger.signJwt(good(), { typ: "at+jwt", kid }),
            `${header}.${forged}.${signature}`,
            `${token.slice(0, token.lastIndexOf("."))}.AAAA`,
          ]
        ) assertEquals(await outcome(() => auth.verifyToken(forgery)), "invalid_token");
      });

      it("rejects a key id of another instance, and a missing one", async () => {
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
      ["an expiry in the past", { exp: 1_700_000_000 }, {}],
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
    const jwtKey = (await keyOfJwk(jwk))?.pem ?? "";
    const before = calls();
    const auth = cliAuth({ clientConfig: { secretKey: "sk_test_unused", jwtKey } });
    assertEquals((await auth.verifyToken(await sign())).subject, emulator.user.id);
    const foreign = await stranger.signJwt(good(), { typ: "at+jwt" });
    assertEquals(await outcome(() => auth.verifyToken(foreign)), "invalid_token");
    assertEquals(calls(), before);
  });

  it("accepts no other algorithm than RS256", async () => {
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

describe("decodeAccessTokenJwt()", () => {
  const encode = (part: unknown) => encodeBase64Url(new TextEncoder().encode(JSON.stringify(part)));
  const [header, claims] = [encode({ typ: "at+jwt" }), encode({ sub: "user_1" })];
  const text = encodeBase64Url(new TextEncoder().encode("no JSON"));

  it("gives header and claims", () => {
    assertEquals(decodeAccessTokenJwt(`${header}.${claims}.c2ln`), {
      header: { typ: "at+jwt" },
      claims: { sub: "user_1" },
    });
  });

  it("decodes a token whose subject is not a string", () => {
    assertEquals(decodeAccessTokenJwt(`${header}.${encode({ sub: 7 })}.c2ln`)?.claims, { sub: 7 });
  });

  it("reads characters of every script, and the two that only base64url has", () => {
    for (const sub of ["user_ä🔑", "user_>>>???", "~~~~~~", "?????"]) {
      const part = encode({ sub });
      assertEquals(decodeAccessTokenJwt(`${header}.${part}.c2ln`)?.claims, { sub }, part);
    }
    assertEquals([encode({ sub: ">>>" }), encode({ sub: "???" })].map((part) => /[-_]/.exec(part)?.[0]), [
      "-",
      "_",
    ]);
  });

  const others: Record<string, string> = {
    "two parts": `${header}.${claims}`,
    "four parts": `${header}.${claims}.c2ln.x`,
    "a header that is no JSON": `${text}.${claims}.c2ln`,
    "claims that are no JSON": `${header}.${text}.c2ln`,
    "claims that are a list": `${header}.${encode([])}.c2ln`,
    "a header that is a text": `${encode("at+jwt")}.${claims}.c2ln`,
    "padding": `${header}=.${claims}.c2ln`,
    "padding that would fit": `${header}==.${claims}.c2ln`,
    "a space": `${header} .${claims}.c2ln`,
    "base64 of another alphabet": `${header}.${
      encode({ sub: ">>>???" }).replaceAll("-", "+").replaceAll("_", "/")
    }.c2ln`,
    "nothing": "",
    "another type": `${encode({ typ: "at+jwt2" })}.${claims}.c2ln`,
    "a type that is a list": `${encode({ typ: ["at+jwt"] })}.${claims}.c2ln`,
    "a machine's subject": `${header}.${encode({ sub: "mch_1" })}.c2ln`,
  };
  for (const [what, token] of Object.entries(others)) {
    it(`gives nothing for ${what}`, () => assertEquals(decodeAccessTokenJwt(token), undefined));
  }
});

describe("faultOf()", () => {
  const NOW = 1_800_000_000_000;
  const header = { alg: "RS256" };
  const claims = { sub: "user_1", exp: NOW / 1000 + 60 };

  for (
    const [fault, changes] of [
      [undefined, {}],
      [undefined, { exp: NOW / 1000 - 4, nbf: NOW / 1000 + 5, iat: NOW / 1000 + 5 }],
      ["The token is not signed with RSA", { alg: "none" }],
      ["The token is not signed with RSA", { alg: ["RS256"] }],
      ["The token relies on extensions that are not known here", { crit: [] }],
      ["The token has no subject", { sub: undefined }],
      ["The token has no subject", { sub: "" }],
      ["The token has no expiry", { exp: undefined }],
      ["The token has expired", { exp: NOW / 1000 - 5 }],
      ["The token has expired", { exp: NOW / 1000 - 4.001 }],
      ["The token's scopes are malformed", { scope: ["profile"] }],
      ["The token's scopes are malformed", { scope: 7, scp: null }],
      ["The token is not valid yet", { nbf: NOW / 1000 + 5.001 }],
      ["The token is not valid yet", { nbf: "0" }],
      ["The token was issued in the future", { iat: NOW / 1000 + 5.001 }],
      ["The token was issued in the future", { iat: null }],
    ] as const
  ) {
    it(`says of ${JSON.stringify(changes)}: ${fault ?? "nothing"}`, () => {
      const { alg = header.alg, crit, ...rest } = changes as Record<string, unknown>;
      const jwt = {
        header: { ...header, alg, ...(crit !== undefined && { crit }) },
        claims: { ...claims, ...rest },
      };
      assertEquals(faultOf(jwt, NOW), fault);
    });
  }
});
