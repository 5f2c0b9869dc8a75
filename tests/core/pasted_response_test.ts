import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { parsePastedResponse } from "../doors/core.ts";
import { assertLinear } from "../harness/linear_time.ts";

function parse(text: string): Record<string, string> | undefined {
  const parameters = parsePastedResponse(text);
  return parameters && Object.fromEntries(parameters);
}

describe("parsePastedResponse()", () => {
  const answers: [what: string, text: string][] = [
    ["the address that the browser ended at", "http://127.0.0.1:1234/callback?code=a%2Fb&state=the-state"],
    [
      "an address in capitals, as some terminals make it",
      "HTTP://127.0.0.1:1234/callback?code=a%2Fb&state=the-state",
    ],
    [
      "one with spaces and a line break around it",
      "  http://127.0.0.1/callback?code=a%2Fb&state=the-state\r\n",
    ],
    [
      "one on another host, as a forwarded port has",
      "https://x.app.github.dev/callback?code=a%2Fb&state=the-state",
    ],
    ["code#state", "a/b#the-state"],
    ["code#state with spaces around it", "\t a/b#the-state "],
  ];
  for (const [what, text] of answers) {
    it(`accepts ${what}`, () => assertEquals(parse(text), { code: "a/b", state: "the-state" }));
  }

  it("accepts the URL of an error", () => {
    assertEquals(parse("http://127.0.0.1/callback?error=access_denied&state=s"), {
      error: "access_denied",
      state: "s",
    });
  });

  for (
    const text of [
      "",
      " ",
      "#",
      "code#",
      "#state",
      "code",
      "a b#state",
      "a#b#c",
      "http://",
      "http://[",
      "ftp://x?code=a",
    ]
  ) {
    it(`rejects ${JSON.stringify(text)}`, () => assertEquals(parse(text), undefined));
  }

  it("recognizes a URL only at the start, so that a code may contain one", () => {
    assertEquals(parse("xhttp://127.0.0.1/?code=a#state")?.code, "xhttp://127.0.0.1/?code=a");
  });

  it("rejects text longer than any URL", () => {
    assertEquals(parse(`http://127.0.0.1/?code=${"a".repeat(16_384)}`), undefined);
  });

  it("takes linear time", () => {
    for (const part of ["#", "a", "a#", " "]) {
      assertLinear((size) => assertEquals(parse(part.repeat(size)), undefined), 1_600 / part.length);
    }
  });
});
