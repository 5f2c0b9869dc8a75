import { assert, assertEquals, assertNotStrictEquals, assertStrictEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { cleanCause } from "../../src/core/clean_cause.ts";

const TOKEN = "oat_0123456789abcdefghijklmnop";

describe("cleanCause()", () => {
  it("gives an error that holds no secret as it is", () => {
    const cause = new TypeError("fetch failed", {
      cause: Object.assign(new Error("getaddrinfo ENOTFOUND a-long-name-of-a-host.example.com"), {
        code: "ENOTFOUND",
        syscall: "getaddrinfo",
      }),
    });
    assertStrictEquals(cleanCause(cause, ["secret", "another"]), cause);
  });

  it("gives a copy where one is held, with its name, code, stack and cause", () => {
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

  it("cuts out what looks like a token, known or not", () => {
    const copy = cleanCause(new Error(`cannot parse {"accessToken":"${TOKEN}"}`), []) as Error;
    assertEquals(copy.message, 'cannot parse {"accessToken":"[redacted]"}');
  });

  it("takes no host, path or long word for a token", () => {
    for (
      const text of ["/home/ada/.config/clerk-cli-auth/credentials.json", "SecKeychainSearchCopyNextItem"]
    ) {
      assertEquals(cleanCause(text, []), text);
    }
  });

  it("takes its time in proportion to the text", () => {
    const started = Date.now();
    cleanCause(new Error("a".repeat(1_000_000)), ["x".repeat(4000)]);
    assert(Date.now() - started < 2000);
  });
});
