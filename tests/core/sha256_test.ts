import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { isSha256Of, sha256 } from "../doors/core.ts";

/** FIPS 180-4: the digest of "abc" begins with ba7816bf and ends with 15ad. */
const ABC = "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0";

describe("sha256()", () => {
  it("is the digest as base64url", async () => {
    assertEquals(await sha256("abc"), ABC);
  });
});

describe("isSha256Of()", () => {
  it("is true only for the digest of the text", async () => {
    assertEquals(await isSha256Of(ABC, "abc"), true);
    for (const digest of ["", "abc", ABC.toLowerCase(), null, undefined]) {
      assertEquals(await isSha256Of(digest, "abc"), false);
    }
    assertEquals(await isSha256Of(ABC, "abd"), false);
  });
});
