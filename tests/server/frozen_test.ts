import { assert, assertEquals, assertNotStrictEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { frozen } from "../doors/server.ts";

describe("frozen()", () => {
  const claims = { name: "Ada", level: 7, none: null, list: [1, { deep: true }, null], inner: { a: {} } };

  it("copies a value as it is", () => {
    const copy = frozen(claims);
    assertEquals(copy, claims);
    assertNotStrictEquals(copy, claims);
    assertEquals([frozen(null), frozen("text"), frozen(undefined)], [null, "text", undefined]);
  });

  it("makes the copy immutable at every depth", () => {
    const copy = frozen(claims);
    for (const part of [copy, copy.list, copy.list[1], copy.inner, copy.inner.a]) {
      assert(Object.isFrozen(part));
    }
    assertEquals([Object.isFrozen(claims), Object.isFrozen(claims.list)], [false, false]);
  });
});
