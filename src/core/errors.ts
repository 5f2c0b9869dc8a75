/**
 * What went wrong, as a closed list: a caller can `switch` over it.
 *
 * Client half: `not_authenticated`, `config`, `storage`, `keychain`, `token_exchange`, `userinfo`, `revoke`,
 * `verify_api_key`, `timeout`, `network`, `state_mismatch`, `access_denied`, `cancelled`, `no_browser`.
 * Server half: `not_authenticated`, `config`, `insufficient_scope`, `invalid_request`, `unavailable`.
 */
export type ErrorCode =
  | "not_authenticated"
  | "config"
  | "storage"
  | "token_exchange"
  | "userinfo"
  | "revoke"
  | "timeout"
  | "verify_api_key"
  | "state_mismatch"
  | "access_denied"
  | "cancelled"
  | "no_browser"
  | "keychain"
  | "network"
  | "insufficient_scope"
  | "invalid_request"
  | "unavailable";

/**
 * The process exit codes that go with our errors.
 *
 * @example
 * ```ts
 * import { EXIT_CODE } from "@clerk/cli-auth";
 *
 * console.log(EXIT_CODE.SUCCESS, EXIT_CODE.GENERAL, EXIT_CODE.USAGE, EXIT_CODE.SIGINT); // 0 1 2 130
 * ```
 */
export const EXIT_CODE: {
  readonly SUCCESS: 0;
  readonly GENERAL: 1;
  readonly USAGE: 2;
  readonly SIGINT: 130;
} = { SUCCESS: 0, GENERAL: 1, USAGE: 2, SIGINT: 130 };

/** The details of a {@linkcode ClerkCliAuthError} beyond its code and message. */
export interface ClerkCliAuthErrorOptions {
  /** What the person at the terminal can do about it, one sentence. */
  action?: string;
  /**
   * The exit code that a CLI should end with.
   * @default by code: 2 for `config`, 130 for `cancelled`, else 1
   */
  exitCode?: number;
  /** The HTTP status of the response that failed. */
  status?: number;
  /** The OAuth error code of the response that failed, such as `invalid_grant` (RFC 6749, section 5.2). */
  oauthError?: string;
  /**
   * Whether the same call may succeed later without anything being changed.
   * @default false
   */
  retryable?: boolean;
  /** How long to wait before the same call may succeed, in milliseconds, if the response says so (`Retry-After`). */
  retryAfterMs?: number;
  /** The error underneath. */
  cause?: unknown;
}

const BRAND = Symbol.for("@clerk/cli-auth/error");

const EXIT_CODE_BY_CODE: Partial<Record<ErrorCode, number>> = {
  config: EXIT_CODE.USAGE,
  cancelled: EXIT_CODE.SIGINT,
};

/**
 * The one error class of this package. Messages never hold a token, an authorization code or another secret.
 *
 * @example Tell a cancelled login from a failed one
 * ```ts
 * import { ClerkCliAuthError, isClerkCliAuthError } from "@clerk/cli-auth";
 *
 * try {
 *   throw new ClerkCliAuthError("cancelled", "The login was cancelled");
 * } catch (error) {
 *   if (!isClerkCliAuthError(error)) throw error;
 *   console.error(error.code, error.exitCode); // cancelled 130
 * }
 * ```
 */
export class ClerkCliAuthError extends Error {
  /** The name of the class, for logs. */
  override readonly name = "ClerkCliAuthError";
  /** What went wrong. */
  readonly code: ErrorCode;
  /** What the person at the terminal can do about it; empty where nothing can be suggested. */
  readonly action: string;
  /** The exit code that a CLI should end with. */
  readonly exitCode: number;
  /** The HTTP status of the response that failed. */
  readonly status?: number;
  /** The OAuth error code of the response that failed (RFC 6749, section 5.2). */
  readonly oauthError?: string;
  /** Whether the same call may succeed later without anything being changed. */
  readonly retryable: boolean;
  /** How long to wait before the same call may succeed, in milliseconds, if the response says so (`Retry-After`). */
  readonly retryAfterMs?: number;

  /**
   * Creates an error.
   *
   * @param code What went wrong.
   * @param message What failed, one sentence without a final period and without secrets.
   * @param options The details.
   */
  constructor(code: ErrorCode, message: string, options: ClerkCliAuthErrorOptions = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.action = options.action ?? "";
    this.exitCode = options.exitCode ?? EXIT_CODE_BY_CODE[code] ?? EXIT_CODE.GENERAL;
    if (options.status !== undefined) this.status = options.status;
    if (options.oauthError !== undefined) this.oauthError = options.oauthError;
    this.retryable = options.retryable ?? false;
    if (options.retryAfterMs !== undefined) this.retryAfterMs = options.retryAfterMs;
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/**
 * Tells whether a value is a {@linkcode ClerkCliAuthError}, also one that another copy of this package threw: the
 * client half and the server half have a class each, and so has every version that is installed.
 *
 * @param value Anything, typically what `catch` caught.
 * @returns Whether the value is a `ClerkCliAuthError`.
 *
 * @example
 * ```ts
 * import { isClerkCliAuthError } from "@clerk/cli-auth";
 *
 * console.log(isClerkCliAuthError(new Error("something else"))); // false
 * ```
 */
export function isClerkCliAuthError(value: unknown): value is ClerkCliAuthError {
  return typeof value === "object" && value !== null && (value as Record<symbol, unknown>)[BRAND] === true;
}

/** The error of a call whose caller gave it up; the signal's reason where that is one of ours already. */
export function cancelled(signal?: AbortSignal): ClerkCliAuthError {
  const cause: unknown = signal?.reason;
  return isClerkCliAuthError(cause)
    ? cause
    : new ClerkCliAuthError("cancelled", "The call was cancelled", { cause });
}

/** The error of a sign-in that the person, or the issuer for them, has declined. */
export function denied(oauthError: string, detail: string = oauthError): ClerkCliAuthError {
  const message = oauthError === "access_denied"
    ? "You denied access"
    : `The issuer did not sign you in (${detail})`;
  return new ClerkCliAuthError("access_denied", message, {
    oauthError,
    action: "Sign in again and allow access",
  });
}
