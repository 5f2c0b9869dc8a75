import { assertEquals, assertStrictEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { fileError, systemCode } from "../doors/storage.ts";
import { systemError } from "../harness/fake_runtime.ts";

describe("fileError()", () => {
  const actions = {
    EACCES: "Check who owns the file and its directory",
    EPERM: "Check who owns the file and its directory",
    EROFS: "Set XDG_CONFIG_HOME to a writable directory",
    ENOSPC: "Free some disk space and try again",
    EDQUOT: "Free some disk space and try again",
    EIO: "Check the file and its directory",
  };
  for (const [code, action] of Object.entries(actions)) {
    it(`says what to do about ${code}`, () => {
      const cause = systemError(code);
      const error = fileError("write", "/a", cause);
      assertEquals([error.code, error.message, error.action], [
        "storage",
        `Cannot write the credential file /a (${code})`,
        action,
      ]);
      assertStrictEquals(error.cause, cause);
    });
  }

  it("names the kind of error if the system gave no code", () => {
    const reasons = [
      new TypeError("secret"),
      Object.assign(new Error("secret"), { code: 7 }),
      "secret",
      null,
    ];
    assertEquals(reasons.map((cause) => fileError("read", "/a", cause).message), [
      "Cannot read the credential file /a (TypeError)",
      "Cannot read the credential file /a (Error)",
      "Cannot read the credential file /a (unknown)",
      "Cannot read the credential file /a (unknown)",
    ]);
    assertEquals(fileError("read", "/a", null).action, "Check the file and its directory");
  });
});

describe("systemCode()", () => {
  it("is the name, if there is one", () => {
    assertEquals(
      [systemError("ENOENT"), { code: 34 }, new Error(), "text", null, undefined].map(systemCode),
      [
        "ENOENT",
        undefined,
        undefined,
        undefined,
        undefined,
        undefined,
      ],
    );
  });
});
