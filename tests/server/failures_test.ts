import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { ClerkCliAuthError, type ErrorCode } from "../doors/core.ts";
import {
  insufficientScope,
  invalidToken,
  isRejection,
  misconfigured,
  missingCredentials,
  UnavailableError,
} from "../doors/server.ts";

const CAUSE = new Error("why");

describe("the failures of a verification", () => {
  for (
    const [what, make, expected] of [
      ["none came", () => missingCredentials("None"), [401, undefined, "None", "Sign in first"]],
      ["a dead token", () => invalidToken("Dead"), [
        401,
        "invalid_token",
        "Dead",
        "Sign in again, or check the API key",
      ]],
      ["scopes that are lacking", () => insufficientScope(["a", "b"]), [
        403,
        "insufficient_scope",
        "The token lacks a required scope: a b",
        "Sign in again with the scopes that are needed",
      ]],
      ["a mistake of ours", () => misconfigured("No key", { action: "Set it" }), [
        500,
        undefined,
        "No key",
        "Set it",
      ]],
      ["Clerk in trouble", () => new UnavailableError("Down"), [
        503,
        undefined,
        "Down",
        "Try again in a moment",
      ]],
    ] as const
  ) {
    it(`say what to do: ${what}`, () => {
      const error = make();
      const { status, oauthError, message, action } = error;
      assertEquals([status, oauthError, message, action], [...expected]);
      assertEquals(error.retryable, status === 503);
    });
  }

  it("have a cause only if there is one", () => {
    const failures = (cause: unknown) => [
      invalidToken("Dead", cause),
      new UnavailableError("Down", { cause }),
    ];
    assertEquals(failures(CAUSE).map((error) => error.cause), [CAUSE, CAUSE]);
    assertEquals(failures(undefined).map((error) => "cause" in error), [false, false]);
  });
});

describe("isRejection()", () => {
  const error = (code: ErrorCode, oauthError?: string) =>
    new ClerkCliAuthError(code, "No", oauthError === undefined ? {} : { oauthError });

  for (
    const [what, thrown, expected] of [
      ["a token that is not valid", error("not_authenticated", "invalid_token"), true],
      ["credentials that are missing", error("not_authenticated"), false],
      ["Clerk in trouble", error("unavailable", "invalid_token"), false],
      ["an error of another making", { code: "not_authenticated", oauthError: "invalid_token" }, false],
      ["nothing", undefined, false],
    ] as const
  ) {
    it(`is ${expected} for ${what}`, () => assertEquals(isRejection(thrown), expected));
  }
});
