import { assertEquals, assertStrictEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { KeychainFailure, keychainFailure, type KeychainFailureReason } from "../doors/storage.ts";

/** Texts of the binding and the systems below it. */
const SAID: Record<KeychainFailureReason, readonly string[]> = {
  locked: [
    "Platform secure storage failure: SS error: prompt dismissed",
    "The prompt was dismissed by the user",
    "Couldn't access platform secure storage: the collection is locked",
    "Cannot get secret of a locked object: IsLocked",
    "Object locked",
    "User canceled the operation.",
    "User interaction is not allowed.",
  ],
  unanswered: [
    "org.freedesktop.DBus.Error.NoReply: Did not receive a reply",
    "zbus: no reply",
    "NoReply",
    "Connection timed out",
    "the call timeout",
    "time out",
  ],
  missing: [
    "Unable to autolaunch a dbus-daemon without a $DISPLAY",
    "DBUS_SESSION_BUS_ADDRESS is not set",
    "Failed to connect to socket /run/user/1000/bus",
    "No such file or directory (os error 2)",
    "The name org.freedesktop.secrets was not provided by any .service files",
    "org.freedesktop.DBus.Error.ServiceUnknown",
    "Service unknown",
    "no result found",
    "Cannot find native binding",
    "Cannot find module '@napi-rs/keyring'",
    "Cannot find package '@napi-rs/keyring'",
  ],
  damaged: [],
  failed: ["The item has no attributes", "blocked", ""],
};

describe("keychainFailure()", () => {
  for (const [reason, texts] of Object.entries(SAID)) {
    for (const text of texts) {
      it(`classifies '${text}' as ${reason}`, () => {
        const cause = new Error(text);
        const failure = keychainFailure(cause);
        assertEquals(failure.reason, reason);
        assertStrictEquals(failure.cause, cause);
        assertEquals(keychainFailure(text).reason, reason);
      });
    }
  }

  it("treats a missing permission as a missing keychain, and names it", () => {
    const cause = Object.assign(new Error("Deno lacks --allow-ffi"), { code: "EACCES" });
    const failure = keychainFailure(cause);
    assertEquals([failure.reason, failure.message, failure.cause], [
      "missing",
      "There is no keychain here: Deno lacks --allow-ffi",
      cause,
    ]);
  });

  it("leaves a classified error as it is", () => {
    const known = new KeychainFailure("damaged");
    assertStrictEquals(keychainFailure(known), known);
  });

  it("accepts whatever is thrown", () => {
    assertEquals([null, undefined, 7, {}].map((cause) => keychainFailure(cause).reason), [
      "failed",
      "failed",
      "failed",
      "failed",
    ]);
  });
});

describe("a KeychainFailure", () => {
  const descriptions: [KeychainFailureReason, message: string, action: string, retryable: boolean][] = [
    ["locked", "The keychain is locked", "Unlock the keychain and try again", true],
    [
      "missing",
      "There is no keychain here",
      "Run this in a desktop session with a keychain (on Linux a Secret Service), or sign in again here",
      false,
    ],
    [
      "unanswered",
      "The keychain did not respond",
      "Answer the keychain's prompt, if there is one, and try again",
      true,
    ],
    [
      "damaged",
      "The keychain entry is not the key of the stored credentials",
      "Sign in again",
      false,
    ],
    ["failed", "The keychain failed", "Check the keychain and try again", true],
  ];
  for (const [reason, message, action, retryable] of descriptions) {
    it(`says what to do if it is '${reason}', and whether to retry`, () => {
      const failure = new KeychainFailure(reason);
      assertEquals(
        [failure.code, failure.message, failure.action, failure.retryable],
        ["keychain", message, action, retryable],
      );
      assertEquals("cause" in failure, false);
    });
  }

  it("says more if more is known", () => {
    assertEquals(new KeychainFailure("failed", { detail: "why" }).message, "The keychain failed: why");
  });
});
