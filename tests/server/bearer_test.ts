import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { assertTokenText, bearerToken } from "../../src/server/bearer.ts";
import { caught } from "../harness/caught.ts";

function requestWith(authorization?: string): Request {
  return new Request("https://api.example.com/me", { headers: authorization ? { authorization } : {} });
}

describe("bearerToken()", () => {
  for (const scheme of ["Bearer", "bearer", "BEARER", "bEaReR"]) {
    it(`takes the scheme as ${scheme}`, () => {
      assertEquals(bearerToken(requestWith(`${scheme} ak_123`)), "ak_123");
    });
  }

  it("takes every character of the b64token syntax (RFC 6750, section 2.1)", () => {
    assertEquals(bearerToken(requestWith("Bearer aZ09-._~+/==")), "aZ09-._~+/==");
  });

  for (const header of [undefined, "Basic dXNlcjpwYXNz", "ak_123", "Bearerak_123", "Token ak_123"]) {
    it(`tells that no bearer credentials came: ${header ?? "no header"}`, async () => {
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

  it("calls the request malformed when the header came twice", async () => {
    const headers = new Headers({ authorization: "Bearer ak_1" });
    headers.append("authorization", "Bearer ak_2");
    const error = await caught(() => bearerToken(new Request("https://api.example.com/me", { headers })));
    assertEquals(error.code, "invalid_request");
  });
});

describe("assertTokenText()", () => {
  it("takes 16 KiB", () => {
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
    });
  }
});
