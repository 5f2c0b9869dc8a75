import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { quoted } from "../doors/core.ts";

describe("quoted()", () => {
  it("quotes a text on one line, without control characters, and shortened", () => {
    assertEquals(quoted("a\r\n\u001b[2Jb"), '"a [2Jb"');
    assertEquals(quoted("x".repeat(1000)).length, 202);
  });

  it("shows other primitives as they are", () => {
    assertEquals([7, null, undefined, true, Symbol("s")].map(quoted), [
      "7",
      "null",
      "undefined",
      "true",
      "Symbol(s)",
    ]);
  });

  it("shows the kind of an object, and runs none of its code", () => {
    const hostile = { toString: () => "\u001b[2J" };
    assertEquals([hostile, Object.create(null), [1], () => "secret"].map(quoted), [
      "[object Object]",
      "[object Object]",
      "[object Array]",
      "[object Function]",
    ]);
  });
});
