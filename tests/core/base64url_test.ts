import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { decodeBase64Url, encodeBase64Url } from "../doors/core.ts";

describe("encodeBase64Url()", () => {
  it("agrees with the example of RFC 7636, appendix A", () => {
    assertEquals(encodeBase64Url(Uint8Array.of(3, 236, 255, 224, 193)), "A-z_4ME");
  });

  it("encodes nothing as nothing", () => {
    assertEquals(encodeBase64Url(new Uint8Array()), "");
  });
});

describe("decodeBase64Url()", () => {
  it("returns what was encoded, whatever the length", () => {
    for (let length = 0; length < 70; length++) {
      const bytes = Uint8Array.from({ length }, (_, index) => (index * 37 + length) % 256);
      assertEquals([...decodeBase64Url(encodeBase64Url(bytes))], [...bytes]);
    }
  });

  for (const text of ["a b", "+/", "YQ==", "ä", "A", "YR", "YWJ", "AAAAB"]) {
    it(`rejects "${text}"`, () => {
      assertThrows(() => decodeBase64Url(text));
    });
  }
});
