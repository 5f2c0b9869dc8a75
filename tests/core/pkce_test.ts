import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { createPkcePair, sha256 } from "../doors/core.ts";

describe("createPkcePair()", () => {
  it("makes the code verifier from 32 random bytes (RFC 7636, section 4.1)", async () => {
    const { codeVerifier } = await createPkcePair();
    assertMatch(codeVerifier, /^[A-Za-z0-9_-]{43}$/);
  });

  it("makes another pair each time", async () => {
    const [first, second] = [await createPkcePair(), await createPkcePair()];
    assertNotEquals(first.codeVerifier, second.codeVerifier);
    assertNotEquals(first.codeChallenge, second.codeChallenge);
  });

  it("makes the code challenge with S256", async () => {
    const { codeVerifier, codeChallenge } = await createPkcePair();
    assertEquals(codeChallenge, await sha256(codeVerifier));
  });
});

describe("sha256()", () => {
  it("agrees with the example of RFC 7636, appendix B", async () => {
    assertEquals(
      await sha256("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
      "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    );
  });
});
