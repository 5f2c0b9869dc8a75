import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { printable } from "../doors/core.ts";
import { assertLinear } from "../harness/linear_time.ts";

describe("printable()", () => {
  const texts: [what: string, text: string, expected: string][] = [
    ["leaves text as it is", "Zugriff verweigert: für Änne 🦊", "Zugriff verweigert: für Änne 🦊"],
    [
      "takes the escape sequences of a terminal apart",
      "\u001b]0;title\u0007red\u001b[31m",
      "]0;title red [31m",
    ],
    ["joins lines", " one\r\n\ttwo\u2028three ", "one two three"],
    ["takes out what turns the direction of writing", "abc\u202edef\u2066", "abc def"],
    ["takes out what is invisible", "a\u200bb\ufeffc\u0000d", "a b c d"],
    ["takes out half a character", "a\ud83eb", "a b"],
    ["gives nothing for nothing", "\n\n", ""],
  ];
  for (const [what, text, expected] of texts) {
    it(what, () => assertEquals(printable(text, 80), expected));
  }

  it("shortens long text, and shows that it did", () => {
    assertEquals(printable("abcdef", 6), "abcdef");
    assertEquals(printable("abcdefg", 6), "abcde…");
  });

  it("splits no character", () => {
    for (let length = 3; length < 12; length++) {
      assert(printable("🦊".repeat(20), length).isWellFormed(), `at ${length}`);
    }
  });

  it("takes linear time", () => {
    assertLinear((size) => printable(" \n".repeat(size), size), 20_000);
  });
});
