import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { mergeRefreshed } from "../doors/client.ts";
import { caught } from "../harness/caught.ts";
import { unsignedJwt } from "../harness/unsigned_jwt.ts";

const ADA = unsignedJwt({ sub: "ada", iss: "https://issuer.example" });
const USED = { accessToken: "old", refreshToken: "used", idToken: ADA, scope: "openid", expiresAt: 1 };

describe("mergeRefreshed()", () => {
  it("keeps what a refresh does not return again, except the expiry", () => {
    assertEquals(mergeRefreshed(USED, { accessToken: "new" }), {
      accessToken: "new",
      refreshToken: "used",
      idToken: ADA,
      scope: "openid",
    });
  });

  it("makes nothing up", () => {
    const used = { accessToken: "old", refreshToken: "used" };
    assertEquals(mergeRefreshed(used, { accessToken: "new" }), { accessToken: "new", refreshToken: "used" });
  });

  it("uses everything that a refresh returns", () => {
    const idToken = unsignedJwt({ sub: "ada", iss: "https://issuer.example", iat: 2 });
    const answer = { accessToken: "new", refreshToken: "next", idToken, scope: "email", expiresAt: 2 };
    assertEquals(mergeRefreshed(USED, answer), answer);
  });

  const strangers: [whose: string, used: object, answer: object][] = [
    ["subject", {}, { idToken: unsignedJwt({ sub: "eve", iss: "https://issuer.example" }) }],
    ["subject", {}, { accessToken: unsignedJwt({ sub: "eve" }) }],
    ["subject", { idToken: undefined, accessToken: ADA }, { accessToken: unsignedJwt({ sub: "eve" }) }],
    ["issuer", {}, { idToken: unsignedJwt({ sub: "ada", iss: "https://other.example" }) }],
  ];
  for (const [whose, used, answer] of strangers) {
    it(`accepts no tokens of another ${whose}: ${Object.keys({ ...used, ...answer })}`, async () => {
      const error = await caught(() =>
        mergeRefreshed({ ...USED, ...used }, { accessToken: "new", ...answer })
      );
      assertEquals([error.code, error.message, error.action], [
        "token_exchange",
        `The refresh returned the tokens of another ${whose}`,
        "Sign in again",
      ]);
    });
  }

  it("accepts tokens that do not say whose they are", () => {
    for (const idToken of ["opaque", unsignedJwt({}), undefined]) {
      const used = { accessToken: "old", refreshToken: "used", ...(idToken && { idToken }) };
      assertEquals(mergeRefreshed(used, { accessToken: "new", idToken: ADA }).idToken, ADA);
      assertEquals(mergeRefreshed(USED, { ...used, accessToken: "new" }).idToken, idToken ?? ADA);
    }
  });
});
