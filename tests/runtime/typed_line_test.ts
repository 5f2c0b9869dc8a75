import { describe, it } from "@std/testing/bdd";
import { assertEquals } from "@std/assert";
import { PlainLine, TypedLine } from "../doors/runtime.ts";

describe("TypedLine", () => {
  it("ends on Enter, and returns what was typed after it", () => {
    assertEquals(new TypedLine().type("abc\rrest"), { text: "abc", rest: "rest" });
    assertEquals(new TypedLine().type("abc\n"), { text: "abc", rest: "" });
  });

  it("is assembled from single keys", () => {
    const line = new TypedLine();

    assertEquals([...'a"ü😀'].map((key) => line.type(key)), Array(4).fill("unfinished"));
    assertEquals(line.type("\r"), { text: 'a"ü😀', rest: "" });
  });

  it("removes a character on backspace, and all on Ctrl-U", () => {
    assertEquals(new TypedLine().type("ab😀\x7f\bc\r"), { text: "ac", rest: "" });
    assertEquals(new TypedLine().type("\x7fa\x7f\x7fb\r"), { text: "b", rest: "" });
    assertEquals(new TypedLine().type("wrong\x15right\r"), { text: "right", rest: "" });
  });

  it("ends on Ctrl-D if it is empty, and ignores it otherwise", () => {
    assertEquals(new TypedLine().type("\x04"), { text: null, rest: "" });
    assertEquals(new TypedLine().type("a\x04b\r"), { text: "ab", rest: "" });
  });

  it("starts again after Ctrl-C", () => {
    const line = new TypedLine();

    assertEquals(line.type("ab\x03cd"), "interrupt");
    assertEquals(line.type("ef\r"), { text: "ef", rest: "" });
  });

  it("drops arrow keys and the markers around pasted text", () => {
    assertEquals(new TypedLine().type("\x1b[200~a\x1b[D\x1bOA\x1b[1;5Cb\x1b[201~\r"), {
      text: "ab",
      rest: "",
    });
  });

  it("is null if the input ends before Enter", () => {
    const line = new TypedLine();
    line.type("abc");

    assertEquals(line.atEnd(), null);
  });
});

describe("PlainLine", () => {
  it("ends at its line ending, without it, and returns what came after it", () => {
    const line = new PlainLine();

    assertEquals(line.type("ab"), "unfinished");
    assertEquals(line.type("c\r\nnext\n"), { text: "abc", rest: "next\n" });
    assertEquals(new PlainLine().type("\n"), { text: "", rest: "" });
  });

  it("is what came before the end of the input, or null if nothing came", () => {
    const line = new PlainLine();
    assertEquals(line.atEnd(), null);
    line.type("last");

    assertEquals(line.atEnd(), "last");
  });
});
