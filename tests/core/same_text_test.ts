import { assert, assertFalse } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { isSameText } from "../doors/core.ts";

describe("isSameText()", () => {
  it("is true for the same text", () => {
    assert(isSameText("sécret", "sécret"));
    assert(isSameText("", ""));
  });

  for (const given of ["", "secre", "secret0", "Secret", "sécret"]) {
    it(`does not mistake "${given}" for "secret"`, () => assertFalse(isSameText(given, "secret")));
  }
});
