import { assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { checkIdToken } from "../doors/core.ts";
import { caught } from "../harness/caught.ts";
import { unsignedJwt } from "../harness/unsigned_jwt.ts";

const EXPECTED = { issuer: "https://clerk.example.com", clientId: "client", nonce: "the-nonce" };
const CLAIMS = {
  iss: "https://clerk.example.com",
  aud: "client",
  nonce: "the-nonce",
  sub: "user_1",
  iat: 1_700_000_000,
  exp: 1_700_000_060,
};

describe("checkIdToken() (OpenID Connect Core 1.0, section 3.1.3.7)", () => {
  const right: Record<string, Record<string, unknown>> = {
    "all that it must say": {},
    "an audience that is a list": { aud: ["client"] },
    "several audiences and an authorized party": { aud: ["client", "other"], azp: "client" },
    "an issuer with a slash at its end": { iss: "https://clerk.example.com/" },
  };
  for (const [what, claims] of Object.entries(right)) {
    it(`returns the subject of one with ${what}`, () => {
      assertEquals(checkIdToken(unsignedJwt({ ...CLAIMS, ...claims }), EXPECTED), "user_1");
    });
  }

  it("requires no nonce if none was sent", () => {
    const idToken = unsignedJwt({ ...CLAIMS, nonce: undefined });
    assertEquals(checkIdToken(idToken, { ...EXPECTED, nonce: undefined }), "user_1");
    assertEquals(checkIdToken(unsignedJwt(CLAIMS), { ...EXPECTED, nonce: undefined }), "user_1");
  });

  it("trusts nothing in one that is not a JWT", () => {
    assertEquals(checkIdToken("opaque-id-token", EXPECTED), undefined);
  });

  const wrong: [claim: string, what: string, claims: Record<string, unknown>][] = [
    ["iss", "another issuer", { iss: "https://evil.example.com" }],
    ["iss", "no issuer", { iss: undefined }],
    ["iss", "an issuer that is a list", { iss: ["https://clerk.example.com"] }],
    ["aud", "another audience", { aud: "other" }],
    ["aud", "no audience", { aud: undefined }],
    ["aud", "an audience that is part of ours", { aud: "clien" }],
    ["azp", "several audiences and no authorized party", { aud: ["client", "other"] }],
    ["azp", "another authorized party", { azp: "other" }],
    ["nonce", "another nonce", { nonce: "other" }],
    ["nonce", "no nonce", { nonce: undefined }],
    ["iat", "no time of issue", { iat: undefined }],
    ["exp", "no expiry", { exp: undefined }],
    ["exp", "an expiry that is a text", { exp: "2030-01-01" }],
    ["exp", "an expiry before its issue", { exp: 1_699_999_999 }],
    ["exp", "an expiry at its issue", { exp: 1_700_000_000 }],
    ["sub", "no subject", { sub: undefined }],
    ["sub", "an empty subject", { sub: "" }],
    ["sub", "a subject that is a number", { sub: 7 }],
  ];
  for (const [claim, what, claims] of wrong) {
    it(`rejects one with ${what}`, async () => {
      const { code, message } = await caught(() =>
        checkIdToken(unsignedJwt({ ...CLAIMS, ...claims }), EXPECTED)
      );
      assertEquals(code, "token_exchange");
      assertStringIncludes(message, `'${claim}'`);
    });
  }

  it("does not use this machine's clock", () => {
    const longAgo = { iat: 1, exp: 2 };
    assertEquals(checkIdToken(unsignedJwt({ ...CLAIMS, ...longAgo }), EXPECTED), "user_1");
  });

  for (const alg of ["none", null, undefined]) {
    it(`rejects one with the algorithm ${alg}`, async () => {
      const { message } = await caught(() => checkIdToken(unsignedJwt(CLAIMS, { alg }), EXPECTED));
      assertStringIncludes(message, "'alg'");
    });
  }
});
