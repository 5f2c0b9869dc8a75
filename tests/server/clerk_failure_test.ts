import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  failureOfApiError,
  isClerkApiError,
  retryAfterMsOf,
  sayableCause,
  UnavailableError,
} from "../doors/server.ts";

const SECRET = "oat_no-digit";
const REASON = { code: "planted", message: "why" };

describe("isClerkApiError()", () => {
  for (
    const [what, error, expected] of [
      ["an error of the client", { clerkError: true, errors: [] }, true],
      ["errors of someone else", { errors: [] }, false],
      ["an error without a list", { clerkError: true, errors: "none" }, false],
      ["a text", "errors", false],
      ["null", null, false],
      ["nothing", undefined, false],
    ] as const
  ) {
    it(`is ${expected} for ${what}`, () => assertEquals(isClerkApiError(error), expected));
  }
});

describe("retryAfterMsOf()", () => {
  for (
    const [retryAfter, expected] of [
      [undefined, undefined],
      [0, 0],
      [2, 2_000],
      [61, 60_000],
      [-1, undefined],
      [NaN, undefined],
      ["3", undefined],
    ]
  ) {
    it(`reads ${JSON.stringify(retryAfter)} as ${expected} ms`, () => {
      assertEquals(retryAfterMsOf({ retryAfter: retryAfter as number }), expected);
    });
  }
});

describe("failureOfApiError()", () => {
  for (
    const [status, errors, message, code] of [
      [400, [REASON], "Clerk does not know the token, or it was revoked", "not_authenticated"],
      [404, [REASON], "Clerk does not know the token, or it was revoked", "not_authenticated"],
      [404, [{ code: "", message: "OAuth token expired" }], "OAuth token expired", "not_authenticated"],
      [404, [], "Clerk responded with status 404", "unavailable"],
      [404, [{ message: "why" }, null], "Clerk responded with status 404", "unavailable"],
      [400, [], "Clerk responded with status 400", "unavailable"],
      [401, [REASON], "Clerk refused the server's secret key", "config"],
      [403, [REASON], "Clerk refused the server's secret key", "config"],
      [429, [REASON], "Clerk responded with status 429", "unavailable"],
      [undefined, [], "Clerk could not be reached", "unavailable"],
    ] as const
  ) {
    it(`treats the response ${status} with ${errors.length} reasons as: ${message}`, () => {
      const error = { errors: [...errors], retryAfter: 2, ...(status !== undefined && { status }) };
      const failure = failureOfApiError(error, []);
      assertEquals([failure.message, failure.code], [message, code]);
      assertEquals((failure.cause as Error).message, sayableCause(error, []).message);
      const waits = failure instanceof UnavailableError ? [failure.retryAfterMs, failure.clerkStatus] : [];
      assertEquals(waits, code === "unavailable" ? [2_000, status] : []);
    });
  }
});

describe("sayableCause()", () => {
  for (
    const [error, expected] of [
      [
        { status: 404, errors: [REASON], clerkTraceId: "trace_1" },
        "Clerk responded with status 404: planted: why (trace trace_1)",
      ],
      [
        { status: 422, errors: [REASON, REASON] },
        "Clerk responded with status 422: planted: why; planted: why (trace none)",
      ],
      [{ errors: [] }, "The call to Clerk failed: no reason given (trace none)"],
      [{ errors: [null] }, "The call to Clerk failed: undefined: undefined (trace none)"],
      [
        { status: 400, errors: [{ code: "ak_0123456789abcdef0123456789", message: "no\nsuch" }] },
        "Clerk responded with status 400: [redacted]: no such (trace none)",
      ],
      [
        { status: 400, errors: [{ code: SECRET, message: `no ${SECRET}` }], clerkTraceId: SECRET },
        "Clerk responded with status 400: [redacted]: no [redacted] (trace [redacted])",
      ],
    ] as const
  ) {
    it(`says: ${expected}`, () => {
      assertEquals(sayableCause({ ...error, errors: [...error.errors] }, [SECRET]).message, expected);
    });
  }

  it("says no more than fits into a log line", () => {
    const { message } = sayableCause({ errors: [{ code: "x", message: "y ".repeat(5_000) }] }, []);
    assertEquals(message.length < 600, true, `${message.length} characters`);
  });
});
