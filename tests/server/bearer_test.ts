import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { assertTokenText, bearerToken } from "../doors/server.ts";
import { caught } from "../harness/caught.ts";

function requestWith(authorization?: string): Request {
  return new Request("https://api.example.com/me", { headers: authorization ? { authorization } : {} });
}

describe("bearerToken()", () => {
  for (const scheme of ["Bearer", "bearer", "BEARER", "bEaReR"]) {
    it(`accepts the scheme as ${scheme}`, () => {
      assertEquals(bearerToken(requestWith(`${scheme} ak_123`)), "ak_123");
    });
  }

  it("accepts every character of the b64token syntax (RFC 6750, section 2.1)", () => {
    assertEquals(bearerToken(requestWith("Bearer aZ09-._~+/==")), "aZ09-._~+/==");
  });

  for (const header of [undefined, "Basic dXNlcjpwYXNz", "ak_123", "Bearerak_123", "Token ak_123"]) {
    it(`says that there are no bearer credentials: ${header ?? "no header"}`, async () => {
      const error = await caught(() => bearerToken(requestWith(header)));
      assertEquals([error.code, error.status, error.oauthError], ["not_authenticated", 401, undefined]);
    });
  }

  for (
    const header of [
      "Bearer",
      "Bearer a b",
      "Bearer ak_1, Bearer ak_2",
      "Bearer ak_1,ak_2",
      "Bearer\tak_1",
      "Bearer =",
      "Bearer ak=1",
      "Bearer ak_\u00e9",
      'Bearer "ak_1"',
    ]
  ) {
    it(`calls the request malformed: ${JSON.stringify(header)}`, async () => {
      const error = await caught(() => bearerToken(requestWith(header)));
      assertEquals([error.code, error.status, error.oauthError], ["invalid_request", 400, "invalid_request"]);
    });
  }

  it("calls the request malformed if the header came twice", async () => {
    const headers = new Headers({ authorization: "Bearer ak_1" });
    headers.append("authorization", "Bearer ak_2");
    const error = await caught(() => bearerToken(new Request("https://api.example.com/me", { headers })));
    assertEquals(error.code, "invalid_request");
  });
});

describe("the refusals of bearerToken()", () => {
  const refusals: [header: string | undefined, message: string][] = [
    [undefined, "The Authorization header is missing"],
    ["Basic bearer", "The Authorization header does not use the Bearer scheme"],
    ["Bearer a b", "The Authorization header is not one well-formed Bearer header"],
  ];
  for (const [header, message] of refusals) {
    it(`say why: ${message}`, async () => {
      assertEquals((await caught(() => bearerToken(requestWith(header)))).message, message);
    });
  }

  it("leave a token that is too long to the check of its length", async () => {
    for (const [length, code] of [[16 * 1024, "invalid_request"], [16 * 1024 + 1, "none"]] as const) {
      const token = `${"a".repeat(length - 1)}"`;
      const read = () => bearerToken(requestWith(`Bearer ${token}`));
      if (code === "none") assertEquals(read(), token);
      else assertEquals((await caught(read)).code, code);
    }
  });
});

describe("assertTokenText()", () => {
  it("accepts 16 KiB", () => {
    assertTokenText("a".repeat(16 * 1024));
  });

  for (
    const [what, token] of [
      ["more than 16 KiB", "a".repeat(16 * 1024 + 1)],
      ["nothing", ""],
      ["a line break", "ak_1\nak_2"],
      ["something that is no text", 7],
    ] as const
  ) {
    it(`rejects ${what}`, async () => {
      const error = await caught(() => assertTokenText(token));
      assertEquals([error.code, error.oauthError], ["not_authenticated", "invalid_token"]);
      const isLong = what === "more than 16 KiB";
      assertEquals(
        error.message,
        isLong ? "The token is longer than 16384 characters" : "The token is malformed",
      );
    });
  }
});
