import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { withoutSecrets, withoutTokens } from "../doors/core.ts";
import { assertLinear } from "../harness/linear_time.ts";

const SECRET = 'p/q+r=s!(t)~*. "\\$ü🦊';

describe("withoutSecrets()", () => {
  const spellings: Record<string, string> = {
    "as it is": SECRET,
    "percent-encoded": encodeURIComponent(SECRET),
    "percent-encoded in small letters": encodeURIComponent(SECRET).replaceAll(
      /%../g,
      (octet) => octet.toLowerCase(),
    ),
    "form-encoded": String(new URLSearchParams({ "": SECRET })).slice(1),
    "JSON-escaped": JSON.stringify(SECRET).slice(1, -1),
    "JSON-escaped, slashes too": JSON.stringify(SECRET).slice(1, -1).replaceAll("/", "\\/"),
  };
  for (const [how, spelling] of Object.entries(spellings)) {
    it(`redacts a secret written ${how}`, () => {
      assertEquals(withoutSecrets(`<${spelling}|${spelling}>`, [SECRET]), "<[redacted]|[redacted]>");
    });
  }

  it("redacts every secret, and nothing else", () => {
    assertEquals(withoutSecrets("one two three", ["two", "", "four"]), "one [redacted] three");
    assertEquals(withoutSecrets("one two three", []), "one two three");
  });

  it("does not treat a secret as a pattern", () => {
    assertEquals(withoutSecrets("abc a.c", ["a.c"]), "abc [redacted]");
  });

  it("takes linear time", () => {
    const secret = "a".repeat(100);
    for (const [part, size] of [["x", 20_000], [`${secret.slice(1)}b`, 100]] as const) {
      assertLinear((size) => {
        assertEquals(withoutSecrets(part.repeat(size), [secret]).length, part.length * size);
      }, size);
    }
  });
});

describe("withoutTokens()", () => {
  it("redacts what looks like a token", () => {
    const withoutDigits = `oat_${"aB".repeat(16)}`;
    for (
      const token of ["oat_0123456789abcdefgh", "a".repeat(19) + "1", "1".repeat(19) + "a", withoutDigits]
    ) {
      assertEquals(withoutTokens(`of ${token}!`), "of [redacted]!");
    }
  });

  it("leaves words, numbers and short text", () => {
    for (
      const text of [
        "a".repeat(30),
        "1".repeat(30),
        "a".repeat(18) + "1",
        "2026-11-28",
        "a_name_of_several_short_words",
      ]
    ) {
      assertEquals(withoutTokens(text), text);
    }
  });
});
