import { assert, assertEquals, assertFalse, assertStrictEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { ClerkCliAuthError, EXIT_CODE, isClerkCliAuthError } from "@clerk/cli-auth";
import { ClerkCliAuthError as OtherCopy } from "../doors/core.ts";

describe("ClerkCliAuthError", () => {
  it("is an Error with a code", () => {
    const error = new ClerkCliAuthError("storage", "Cannot write");
    assert(error instanceof Error);
    const { name, code, message, action, exitCode, retryable } = error;
    assertEquals({ name, code, message, action, exitCode, retryable }, {
      name: "ClerkCliAuthError",
      code: "storage",
      message: "Cannot write",
      action: "",
      exitCode: 1,
      retryable: false,
    });
    assertEquals([error.status, error.oauthError, error.cause], [undefined, undefined, undefined]);
  });

  it("keeps its details", () => {
    const cause = new Error("underneath");
    const error = new ClerkCliAuthError("userinfo", "No", {
      action: "Do this",
      exitCode: 7,
      status: 401,
      oauthError: "invalid_token",
      retryable: true,
      cause,
    });
    assertStrictEquals(error.cause, cause);
    const { action, exitCode, status, oauthError, retryable } = error;
    assertEquals([action, exitCode, status, oauthError, retryable], [
      "Do this",
      7,
      401,
      "invalid_token",
      true,
    ]);
  });

  it("has the exit code for its code", () => {
    assertEquals(new ClerkCliAuthError("config", "").exitCode, EXIT_CODE.USAGE);
    assertEquals(new ClerkCliAuthError("cancelled", "").exitCode, EXIT_CODE.SIGINT);
    assertEquals(new ClerkCliAuthError("timeout", "").exitCode, EXIT_CODE.GENERAL);
  });
});

describe("isClerkCliAuthError()", () => {
  it("recognizes our errors, including those of another copy of the package", () => {
    assert(isClerkCliAuthError(new ClerkCliAuthError("config", "")));
    assert(isClerkCliAuthError(new OtherCopy("config", "")));
  });

  for (
    const value of [
      new Error("no"),
      { code: "config", name: "ClerkCliAuthError" },
      "config",
      null,
      undefined,
      1,
    ]
  ) {
    it(`rejects ${String(value)}`, () => assertFalse(isClerkCliAuthError(value)));
  }
});

describe("EXIT_CODE", () => {
  it("has the values that programs rely on", () => {
    assertEquals({ ...EXIT_CODE }, { SUCCESS: 0, GENERAL: 1, USAGE: 2, SIGINT: 130 });
  });
});
