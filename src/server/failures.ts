import { ClerkCliAuthError, isClerkCliAuthError } from "../core/errors.ts";

const SIGN_IN = "Sign in again, or check the API key";

/** The message of a rejection solely because the subject is missing. */
export const NO_SUBJECT = "Clerk named no subject for the token";

/** The message of a rejection solely because of an unknown key, which may be published later. */
export const UNKNOWN_KEY = "The token is signed with a key that is not of this Clerk instance";

/** Returns the error of a request without a bearer credential: 401 without an error code (RFC 6750, section 3.1). */
export function missingCredentials(message: string): ClerkCliAuthError {
  return new ClerkCliAuthError("not_authenticated", message, { status: 401, action: "Sign in first" });
}

/**
 * Returns the error of an expired, revoked or malformed credential, or one of the wrong kind (RFC 6750,
 * section 3.1: `invalid_token`).
 */
export function invalidToken(message: string, cause?: unknown): ClerkCliAuthError {
  return new ClerkCliAuthError("not_authenticated", message, {
    status: 401,
    oauthError: "invalid_token",
    action: SIGN_IN,
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Returns the error of a malformed request (RFC 6750, section 3.1: `invalid_request`). */
export function invalidRequest(message: string): ClerkCliAuthError {
  return new ClerkCliAuthError("invalid_request", message, { status: 400, oauthError: "invalid_request" });
}

/** The error of a valid credential that lacks scopes (RFC 6750, section 3.1: `insufficient_scope`). */
export type ScopeError = ClerkCliAuthError & { scopes?: readonly string[] };

/** Returns the error of a valid credential that lacks scopes, with the required scopes. */
export function insufficientScope(scopes: readonly string[]): ScopeError {
  const message = `The token lacks a required scope: ${scopes.join(" ")}`;
  const error = new ClerkCliAuthError("insufficient_scope", message, {
    status: 403,
    oauthError: "insufficient_scope",
    action: "Sign in again with the scopes that are needed",
  });
  return Object.assign(error, { scopes });
}

/** Returns the error of a credential that is valid, but not for this. */
export function forbidden(message: string, action: string): ClerkCliAuthError {
  return new ClerkCliAuthError("access_denied", message, { status: 403, action });
}

/** Returns the error of a misconfigured server. The message is for its operator, never for callers. */
export function misconfigured(
  message: string,
  options: { action?: string; cause?: unknown } = {},
): ClerkCliAuthError {
  return new ClerkCliAuthError("config", message, { status: 500, ...options });
}

export function secretKeyRefused(cause: unknown): ClerkCliAuthError {
  return misconfigured("Clerk refused the server's secret key", { cause });
}

export function keysUnavailable(options: UnavailableOptions): UnavailableError {
  return new UnavailableError("Clerk's signing keys could not be fetched", options);
}

/** Reports whether an error means that a token is definitely invalid. */
export function isRejection(error: unknown): error is ClerkCliAuthError {
  return isClerkCliAuthError(error) && error.code === "not_authenticated" &&
    error.oauthError === "invalid_token";
}

interface UnavailableOptions {
  /** How long to wait before a retry, in milliseconds. */
  retryAfterMs?: number | undefined;
  /** The status of Clerk's response, if there was one. */
  clerkStatus?: number | undefined;
  cause?: unknown;
}

/**
 * A credential was neither accepted nor rejected, because it cannot be verified right now. The response is
 * 503 with `Retry-After`.
 */
export class UnavailableError extends ClerkCliAuthError {
  override readonly retryAfterMs: number;
  readonly clerkStatus: number | undefined;

  constructor(message: string, { retryAfterMs = 1_000, clerkStatus, cause }: UnavailableOptions = {}) {
    super("unavailable", message, {
      status: 503,
      retryable: true,
      action: "Try again in a moment",
      ...(cause === undefined ? {} : { cause }),
    });
    // A stack trace would tell nothing, and under load there are many.
    this.stack = `${this.name}: ${message}`;
    this.retryAfterMs = retryAfterMs;
    this.clerkStatus = clerkStatus;
  }
}

export function isRateLimit(error: unknown): error is UnavailableError {
  return error instanceof UnavailableError && error.clerkStatus === 429;
}
