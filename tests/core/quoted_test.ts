import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { quoted } from "../doors/core.ts";

describe("quoted()", () => {
  it("quotes a text on one line, without control characters, and not at length", () => {
    assertEquals(quoted("a\r\n\u001b[2Jb"), '"a [2Jb"');
    assertEquals(quoted("x".repeat(1000)).length, 202);
  });

  it("tells what is no text as it is", () => {
    assertEquals([7, null, undefined, true, Symbol("s")].map(quoted), [
      "7",
      "null",
      "undefined",
      "true",
      "Symbol(s)",
    ]);
  });

  it("tells of an object what kind it is, and runs nothing of it", () => {
    const hostile = { toString: () => "\u001b[2J" };
    assertEquals([hostile, Object.create(null), [1], () => "secret"].map(quoted), [
      "[object Object]",
      "[object Object]",
      "[object Array]",
      "[object Function]",
    ]);
  });
});
