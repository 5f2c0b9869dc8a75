import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { parseJsonObject } from "../doors/core.ts";

describe("parseJsonObject()", () => {
  it("returns an object, and no other JSON value", () => {
    assertEquals(parseJsonObject('{"a":[1]}'), { a: [1] });
    for (const text of ["null", "[]", "7", '"text"', "true", "", "{", "undefined"]) {
      assertEquals(parseJsonObject(text), undefined);
    }
  });
});
