/**
 * What went wrong. The list is closed, so you can `switch` over it.
 *
 * The client throws `not_authenticated`, `config`, `storage`, `keychain`, `token_exchange`, `userinfo`, `revoke`,
 * `verify_api_key`, `timeout`, `network`, `state_mismatch`, `access_denied`, `cancelled` and `no_browser`. The server
 * throws `not_authenticated`, `config`, `insufficient_scope`, `invalid_request` and `unavailable`.
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
 * Exit codes for a CLI that uses this package.
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
  /** What the user can do about it, in one sentence. */
  action?: string;
  /**
   * The exit code that the CLI should use.
   * @default 2 for `config`, 130 for `cancelled`, otherwise 1
   */
  exitCode?: number;
  /** The HTTP status of the failed response. */
  status?: number;
  /** The OAuth error code of the failed response, such as `invalid_grant` (RFC 6749, section 5.2). */
  oauthError?: string;
  /** Whether the same call may succeed later without any change. */
  retryable?: boolean;
  /** How long to wait before a retry, in milliseconds, if the response says so (`Retry-After`). */
  retryAfterMs?: number;
  /** The underlying error. */
  cause?: unknown;
}

const BRAND = Symbol.for("@clerk/cli-auth/error");

const EXIT_CODE_BY_CODE: Partial<Record<ErrorCode, number>> = {
  config: EXIT_CODE.USAGE,
  cancelled: EXIT_CODE.SIGINT,
};

/**
 * The error class of this package. Messages never contain a token, an authorization code or any other secret.
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
  /** What the user can do about it; empty if there is nothing to suggest. */
  readonly action: string;
  /** The exit code that the CLI should use. */
  readonly exitCode: number;
  /** The HTTP status of the failed response. */
  readonly status?: number;
  /** The OAuth error code of the failed response, if it had one (RFC 6749, section 5.2). */
  readonly oauthError?: string;
  /** Whether the same call may succeed later without any change. */
  readonly retryable: boolean;
  /** How long to wait before a retry, in milliseconds, if the response says so (`Retry-After`). */
  readonly retryAfterMs?: number;

  /**
   * Creates an error.
   *
   * @param code What went wrong.
   * @param message What failed: one sentence, without secrets or a final period.
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
 * Reports whether a value is a {@linkcode ClerkCliAuthError}. Prefer it to `instanceof`: the client, the
 * server and every installed version of this package have a class of their own.
 *
 * @param value Any value, typically a caught error.
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

/** Returns the signal's reason if it is one of our errors, otherwise a `cancelled` error. */
export function cancelled(signal?: AbortSignal): ClerkCliAuthError {
  const cause: unknown = signal?.reason;
  return isClerkCliAuthError(cause)
    ? cause
    : new ClerkCliAuthError("cancelled", "The call was cancelled", { cause });
}

/** Returns the error of a sign-in that the user declined, or the issuer on their behalf. */
export function denied(oauthError: string, detail: string = oauthError): ClerkCliAuthError {
  const message = oauthError === "access_denied"
    ? "You denied access"
    : `The issuer did not sign you in (${detail})`;
  return new ClerkCliAuthError("access_denied", message, {
    oauthError,
    action: "Sign in again and allow access",
  });
}
