import { ClerkCliAuthError } from "../../core/errors.ts";

/**
 * Why the keychain did not serve: it is locked, there is none, it does not answer, its item is not one of ours, or it
 * failed in a way of its own.
 */
export type KeychainFailureReason = "locked" | "missing" | "unanswered" | "damaged" | "failed";

const DESCRIPTIONS: Record<KeychainFailureReason, { what: string; action: string; retryable?: boolean }> = {
  locked: {
    what: "The keychain is locked",
    action: "Unlock the keychain and try again",
    retryable: true,
  },
  missing: {
    what: "There is no keychain here",
    action:
      "Run this in a desktop session with a keychain (on Linux a Secret Service), or sign in again here",
  },
  unanswered: {
    what: "The keychain does not answer",
    action: "Answer the keychain's prompt, if there is one, and try again",
    retryable: true,
  },
  damaged: {
    what: "The keychain holds something else than the key of the stored credentials",
    action: "Sign in again",
  },
  failed: {
    what: "The keychain failed",
    action: "Check the keychain and try again",
    retryable: true,
  },
};

/** A `keychain` error that tells why. */
export class KeychainFailure extends ClerkCliAuthError {
  readonly reason: KeychainFailureReason;

  constructor(reason: KeychainFailureReason, options: { detail?: string | undefined; cause?: unknown } = {}) {
    const { what, action, retryable = false } = DESCRIPTIONS[reason];
    const { detail, cause } = options;
    super("keychain", detail ? `${what}: ${detail}` : what, {
      action,
      retryable,
      ...(cause !== undefined && { cause }),
    });
    this.reason = reason;
  }
}

/** The errors of the binding have one code: their texts tell them apart. */
const TEXTS: readonly [RegExp, KeychainFailureReason][] = [
  [/prompt (was )?dismissed|is ?locked|object locked|user (cancel|interaction)/i, "locked"],
  [/did not receive a reply|no ?reply|timed? ?out/i, "unanswered"],
  [/DBUS_SESSION_BUS_ADDRESS|autolaunch|failed to connect to socket|no such file or directory/i, "missing"],
  [
    /not provided by any|service ?unknown|no result found|native binding|cannot find (module|package)/i,
    "missing",
  ],
];

/** What a failed call of the binding means. */
export function keychainFailure(cause: unknown): KeychainFailure {
  if (cause instanceof KeychainFailure) return cause;
  const text = cause instanceof Error ? cause.message : String(cause);
  if ((cause as { code?: unknown } | null)?.code === "EACCES") {
    return new KeychainFailure("missing", { detail: text, cause });
  }
  const [, reason] = TEXTS.find(([pattern]) => pattern.test(text)) ?? [undefined, "failed" as const];
  return new KeychainFailure(reason, { cause });
}
