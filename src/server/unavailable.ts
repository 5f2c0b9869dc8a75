import { ClerkCliAuthError } from "../core/errors.ts";

/** The details of an {@linkcode UnavailableError}. */
export interface UnavailableOptions {
  /** After how long the call may be repeated, in milliseconds. */
  retryAfterMs?: number | undefined;
  /** The status of Clerk's answer, where there was one. */
  clerkStatus?: number | undefined;
  cause?: unknown;
}

/** A credential could not be verified just now: neither accepted nor rejected. Answered 503 with `Retry-After`. */
export class UnavailableError extends ClerkCliAuthError {
  /** After how long the call may be repeated, in milliseconds. */
  readonly retryAfterMs: number;
  /** The status of Clerk's answer, where there was one. */
  readonly clerkStatus: number | undefined;

  constructor(message: string, { retryAfterMs = 1_000, clerkStatus, cause }: UnavailableOptions = {}) {
    super("unavailable", message, {
      status: 503,
      retryable: true,
      action: "Try again in a moment",
      ...(cause === undefined ? {} : { cause }),
    });
    this.retryAfterMs = retryAfterMs;
    this.clerkStatus = clerkStatus;
  }
}
