import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { rejectionOf } from "../doors/server.ts";

function rejectionFor(reason: string | null, message: string | null, jwtKey?: string) {
  return rejectionOf({ isAuthenticated: false, reason, message, toAuth: () => null }, {
    jwtKey,
    secrets: [],
  });
}

function codeFor(reason: string, message = "", jwtKey?: string): string {
  return rejectionFor(reason, message, jwtKey).code;
}

describe("rejectionOf()", () => {
  for (
    const message of [
      "JWT signature is invalid. (code=token-verification-failed, status=n/a)",
      "JWT is expired. Expiry date: …",
      "JWT cannot be used prior to not before date claim (nbf). …",
      "JWT issued at date claim (iat) is in the future. …",
      'Invalid JWT type "JWT". Expected "at+jwt".',
      "Invalid OAuth audience claim (aud) undefined. …",
      "OAuth audience mismatch. Verification expected audience …",
      "Subject claim (sub) is required and must be a string. …",
      "Error verifying JWT signature. Error: …",
      "Unable to find a signing key in JWKS that matches the kid='ins_2' …",
    ]
  ) {
    it(`treats a message about the JWT as a rejection: ${message.slice(0, 40)}`, () => {
      assertEquals(codeFor("token-verification-failed", message), "not_authenticated");
    });
  }

  for (
    const message of [
      "Error loading Clerk JWKS from https://api.clerk.com/v1/jwks with code=503",
      "The JWKS endpoint did not contain any signing keys. Contact support@clerk.com.",
      "fetch failed",
      "error sending request for url (https://api.clerk.com/v1/jwks)",
      "Unable to connect. Is the computer able to access the url?",
      "Network connection lost.",
      "Unexpected token '<', \"<html>\" is not valid JSON",
      "",
    ]
  ) {
    it(`does not treat trouble with the keys as a rejection: ${message.slice(0, 40)}`, () => {
      assertEquals(codeFor("token-verification-failed", message), "unavailable");
    });
  }

  it("knows that with the key at hand only the token can be at fault", () => {
    assertEquals(codeFor("token-verification-failed", "some new wording", "a PEM"), "not_authenticated");
  });

  it("recognizes a refused secret key", () => {
    const message =
      "The provided Clerk Secret Key is invalid. Make sure that your Clerk Secret Key is correct.";
    assertEquals(codeFor("secret-key-invalid", message), "config");
    assertEquals(codeFor("token-verification-failed", message), "config");
  });

  for (
    const [reason, message, expected] of [
      ["token-invalid", "no such token", "The token is not valid"],
      ["token-invalid", "The API key was revoked.", "API key revoked"],
      ["OAuth token expired", "", "OAuth token expired"],
      ["secret-key-invalid", "no such key", "Clerk refused the server's secret key"],
      ["token-verification-failed", "Secret Key is invalid", "Clerk refused the server's secret key"],
      ["jwk-remote-failed-to-load", "fetch failed", "Clerk's signing keys could not be fetched"],
      ["unexpected-error", "status=404", "Clerk does not know the token, or it was revoked"],
      ["unexpected-error", "status=503", "Clerk responded with status 503"],
      ["unexpected-error", "status=n/a", "Clerk could not be reached"],
    ] as const
  ) {
    it(`reports ${reason}, ${message} with what the client said`, () => {
      const error = rejectionFor(reason, message);
      assert(error.cause instanceof Error);
      assertEquals([error.message, error.cause.message], [
        expected,
        `authenticateRequest: ${reason}: ${message}`,
      ]);
    });
  }

  it("repeats no secret that was sent", () => {
    const state = {
      isAuthenticated: false,
      reason: "token-invalid",
      message: "no ak_no-digit",
      toAuth: () => null,
    };
    const { cause } = rejectionOf(state, { secrets: ["ak_no-digit"] });
    assertEquals((cause as Error).message, "authenticateRequest: token-invalid: no [redacted]");
  });

  it("repeats no token even if the client does, and copes without a reason", () => {
    const causes = [
      rejectionFor("token-invalid", "no ak_0123456789abcdef0123456789"),
      rejectionFor(null, null),
    ]
      .map(({ cause }) => (cause as Error).message);
    assertEquals(causes, [
      "authenticateRequest: token-invalid: no [redacted]",
      "authenticateRequest: no reason: ",
    ]);
  });

  for (
    const [status, code] of [
      ["400", "not_authenticated"],
      ["404", "not_authenticated"],
      ["401", "config"],
      ["403", "config"],
      ["429", "unavailable"],
      ["500", "unavailable"],
      ["503", "unavailable"],
      ["n/a", "unavailable"],
    ]
  ) {
    it(`reads the status of an unexpected response: ${status}`, () => {
      const message = `Unexpected error (code=unexpected-error, status=${status})`;
      assertEquals(codeFor("unexpected-error", message), code);
    });
  }

  for (const reason of ["jwk-remote-failed-to-load", "jwk-remote-missing", "jwk-failed-to-resolve"]) {
    it(`treats the reason ${reason} as an outage`, () => assertEquals(codeFor(reason), "unavailable"));
  }

  for (
    const reason of ["token-invalid", "token-expired", "token-type-mismatch", "jwk-kid-mismatch", "anything"]
  ) {
    it(`treats the reason ${reason} as a rejection`, () =>
      assertEquals(codeFor(reason), "not_authenticated"));
  }
});
