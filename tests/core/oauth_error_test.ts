import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { isTemporary, readOAuthError, refusal } from "../doors/core.ts";

describe("readOAuthError()", () => {
  const bodies: [what: string, body: string, expected: ReturnType<typeof readOAuthError>][] = [
    ["OAuth's shape", '{"error":"invalid_grant","error_description":"Used"}', {
      code: "invalid_grant",
      description: "Used",
    }],
    ["OAuth's shape without a description", '{"error":"invalid_grant"}', { code: "invalid_grant" }],
    ["Clerk's shape", '{"errors":[{"code":"c","message":"short","long_message":"long"}]}', {
      code: "c",
      description: "long",
    }],
    ["Clerk's shape with a short message alone", '{"errors":[{"message":"short"}]}', {
      description: "short",
    }],
    ["both shapes", '{"error":"first","errors":[{"code":"second"}]}', { code: "first" }],
    ["an empty list", '{"errors":[]}', {}],
    ["a list of texts", '{"errors":["no"]}', {}],
    ["a list of nothing", '{"errors":[null]}', {}],
    ["an error that is an object", '{"error":{"code":7}}', {}],
    ["members of other types", '{"error":"e","error_description":{"a":1}}', { code: "e" }],
    ["HTML", "<h1>Bad gateway</h1>", {}],
    ["nothing", "", {}],
  ];
  for (const [what, body, expected] of bodies) {
    it(`reads ${what}`, () => assertEquals(readOAuthError(body), expected));
  }
});

describe("refusal()", () => {
  function refused(body: unknown, status = 400) {
    return refusal({ status, headers: new Headers(), text: JSON.stringify(body) }, {
      step: "revoke",
      endpointName: "The revocation endpoint",
      secrets: [],
      action: "Try something else",
    });
  }

  it("names the endpoint, the status, and what the response says", () => {
    const error = refused({ error: "unsupported_token_type", error_description: "No JWTs" });
    assertEquals(
      error.message,
      "The revocation endpoint responded with status 400 (unsupported_token_type: No JWTs)",
    );
    assertEquals(
      [error.code, error.status, error.oauthError, error.action, error.retryable],
      ["revoke", 400, "unsupported_token_type", "Try something else", false],
    );
  });

  it("adds nothing if the response says nothing", () => {
    assertEquals(refused([]).message, "The revocation endpoint responded with status 400");
    assertEquals(refused([]).oauthError, undefined);
  });

  it("contains nothing that moves a terminal's cursor, and stays short", () => {
    const { message } = refused({ error: "a\u001b[2Jb", error_description: "d\n".repeat(5000) });
    assertEquals(message.includes("\u001b") || message.includes("\n"), false);
    assertEquals(message.length < 500, true);
  });
});

describe("isTemporary()", () => {
  it("is true only for what may pass", () => {
    assertEquals([408, 425, 429, 500, 502, 503, 504].every(isTemporary), true);
    assertEquals([200, 302, 400, 401, 403, 404, 409, 422].some(isTemporary), false);
  });
});
