import { assert, assertEquals, assertNotStrictEquals, assertStrictEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { cleanCause } from "../doors/core.ts";

const TOKEN = "oat_0123456789abcdefghijklmnop";

describe("cleanCause()", () => {
  it("returns an error without secrets as it is", () => {
    const cause = new TypeError("fetch failed", {
      cause: Object.assign(new Error("getaddrinfo ENOTFOUND a-long-name-of-a-host.example.com"), {
        code: "ENOTFOUND",
        syscall: "getaddrinfo",
      }),
    });
    assertStrictEquals(cleanCause(cause, ["secret", "another"]), cause);
  });

  it("returns a redacted copy of an error with one, with its name, code, stack and cause", () => {
    const inner = new Error("the inner secret");
    const cause = Object.assign(new RangeError("the secret", { cause: inner }), {
      code: "E1",
      body: "secret",
    });
    const copy = cleanCause(cause, ["secret"]) as Error & { code?: string; body?: string };
    assertNotStrictEquals(copy, cause);
    assertEquals([copy.name, copy.message, copy.code], ["RangeError", "the [redacted]", "E1"]);
    assertEquals([(copy.cause as Error).message, copy.body], ["the inner [redacted]", undefined]);
    assert(copy.stack?.includes("clean_cause_test"), "it says where it came from");
    assertEquals(copy.stack?.includes("the secret"), false);
  });

  it("returns values as they are if a log would show no secret", () => {
    const bare = Object.create(null);
    for (const cause of [7, null, undefined, true, "a word", [1, "a"], { a: { b: "c" } }, bare]) {
      assertStrictEquals(cleanCause(cause, ["secret"]), cause);
    }
    const circular: Record<string, unknown> = { name: "self" };
    circular.self = circular;
    assertStrictEquals(cleanCause(circular, ["secret"]), circular);
  });

  it("removes the secret from text", () => {
    assertEquals(cleanCause("the secret", ["secret"]), "the [redacted]");
  });

  it("returns nothing of a value with a secret in its members or their names", () => {
    for (
      const cause of [
        { a: ["the secret"] },
        { secret: 1 },
        ["secret"],
        Object.assign(Object.create(null), { a: "secret" }),
      ]
    ) {
      assertEquals(cleanCause(cause, ["secret"]), undefined);
    }
  });

  it("returns nothing of an opaque object: it may contain anything", () => {
    class Response {}
    const hostile = Object.defineProperty({}, "body", {
      enumerable: true,
      get: () => {
        throw new Error("not now");
      },
    });
    for (const cause of [new Response(), new Map([["a", "secret"]]), hostile]) {
      assertEquals(cleanCause(cause, ["secret"]), undefined);
    }
  });

  it("copies an error with such a member, and one that is its own cause", () => {
    const cause: Error & { response?: unknown } = new Error("failed");
    cause.response = new Map();
    cause.cause = cause;
    const copy = cleanCause(cause, ["secret"]) as Error;
    assertNotStrictEquals(copy, cause);
    assertEquals([copy.message, copy.cause, "response" in copy], ["failed", undefined, false]);
  });

  it("adds no cause to a copy of an error without one", () => {
    const copy = cleanCause(new Error("the secret"), ["secret"]) as Error;
    assertEquals(["cause" in copy, "code" in copy], [false, false]);
  });

  it("redacts what looks like a token, known or not", () => {
    const copy = cleanCause(new Error(`cannot parse {"accessToken":"${TOKEN}"}`), []) as Error;
    assertEquals(copy.message, 'cannot parse {"accessToken":"[redacted]"}');
    assertEquals(cleanCause(`cannot parse ${TOKEN}:1:1`, []), "cannot parse [redacted]:1:1");
  });

  it("mistakes no host, path or long word for a token", () => {
    for (
      const text of ["/home/ada/.config/clerk-cli-auth/credentials.json", "SecKeychainSearchCopyNextItem"]
    ) {
      assertEquals(cleanCause(text, []), text);
    }
  });

  it("finishes with a text of a million characters", () => {
    const cause = new Error("a".repeat(1_000_000));
    assertEquals(cleanCause(cause, ["x".repeat(4_000)]) === cause, true);
  });
});
