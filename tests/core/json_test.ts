import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { parseJsonObject } from "../doors/core.ts";

describe("parseJsonObject()", () => {
  it("gives an object, and nothing else that JSON can be", () => {
    assertEquals(parseJsonObject('{"a":[1]}'), { a: [1] });
    for (const text of ["null", "[]", "7", '"text"', "true", "", "{", "undefined"]) {
      assertEquals(parseJsonObject(text), undefined);
    }
  });
});
