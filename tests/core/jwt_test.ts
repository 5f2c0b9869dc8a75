import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { decodeJwtClaims } from "../doors/core.ts";
import { unsignedJwt } from "../harness/unsigned_jwt.ts";

describe("decodeJwtClaims()", () => {
  it("returns the claims of a JWT", () => {
    const claims = { sub: "user_1", name: "Änne 🦊" };
    assertEquals(decodeJwtClaims(unsignedJwt(claims)), claims);
  });

  const [header, claims] = unsignedJwt({ sub: "user_1" }).split(".") as [string, string];
  const others = {
    "an opaque token": "oat_123",
    "nothing": "",
    "two parts": `${header}.${claims}`,
    "four parts": `${header}.${claims}.c2ln.x`,
    "padded base64": `${header}.${claims}==.c2ln`,
    "base64url that holds no JSON": "AAAA.BBBB.CCCC",
    "claims that are a list": `${header}.${btoa("[]").replaceAll("=", "")}.c2ln`,
    "a header that is none": `${btoa("7").replaceAll("=", "")}.${claims}.c2ln`,
    "dots alone": "..",
  };
  for (const [what, token] of Object.entries(others)) {
    it(`returns nothing for ${what}`, () => assertEquals(decodeJwtClaims(token), undefined));
  }
});
