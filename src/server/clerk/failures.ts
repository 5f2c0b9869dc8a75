import type { ClerkCliAuthError } from "../../core/errors.ts";
import { withoutSecrets, withoutTokens } from "../../core/redact.ts";
import { printable } from "../../core/text.ts";
import { invalidToken, misconfigured, UnavailableError } from "../failures.ts";

/** How `@clerk/backend` reports a refused call of its API: `ClerkAPIResponseError`, by its shape. */
export interface ClerkApiError {
  errors: unknown[];
  status?: number;
  /** Seconds. */
  retryAfter?: number;
  /** By which Clerk finds the call in its logs. */
  clerkTraceId?: string;
}

const MAX_CAUSE = 500;
const MAX_TRACE_ID = 80;

/** Tells whether an error is `@clerk/backend`'s `ClerkAPIResponseError`. */
export function isClerkApiError(error: unknown): error is ClerkApiError {
  if (typeof error !== "object" || error === null) return false;
  return Array.isArray((error as Partial<ClerkApiError>).errors) && "clerkError" in error;
}

/** How long a `Retry-After` is heeded at most: a mistake in one must not stop us for good. */
const MAX_RETRY_AFTER_MS = 60_000;

/** After how long Clerk asked to be asked again, in milliseconds; `undefined` when it did not. */
export function retryAfterMsOf({ retryAfter }: Pick<ClerkApiError, "retryAfter">): number | undefined {
  if (typeof retryAfter !== "number" || !(retryAfter >= 0)) return undefined;
  return Math.min(retryAfter * 1000, MAX_RETRY_AFTER_MS);
}

/** Why a call of Clerk's API about a token failed. */
interface ClerkAnswer {
  /** The HTTP status; absent when there was no answer. */
  status: number | undefined;
  retryAfterMs?: number | undefined;
  cause?: unknown;
}

/** What a refused call about a token means: the token is dead (400, 404), we are set up wrongly, or Clerk is in trouble. */
export function failureOfAnswer(answer: ClerkAnswer): ClerkCliAuthError {
  const { status, cause } = answer;
  if (status === 400 || status === 404) {
    return invalidToken("Clerk does not know the token, or it was revoked", cause);
  }
  if (status === 401 || status === 403) {
    return misconfigured("Clerk refused the server's secret key", { cause });
  }
  return troubleOf(answer);
}

function troubleOf({ status, retryAfterMs, cause }: ClerkAnswer): UnavailableError {
  const trouble = status === undefined ? "Clerk could not be reached" : `Clerk answered ${status}`;
  return new UnavailableError(trouble, { retryAfterMs, clerkStatus: status, cause });
}

/**
 * What an error of the API means, thrown by a call about a token.
 *
 * @param secrets What the call sent in confidence.
 */
export function failureOfApiError(error: ClerkApiError, secrets: readonly string[]): ClerkCliAuthError {
  const { status, errors } = error;
  const answer = { status, retryAfterMs: retryAfterMsOf(error), cause: sayableCause(error, secrets) };
  // Clerk says why it takes a request for a bad one: who does not say it answers in its place.
  return status === 400 && errors.length === 0 ? troubleOf(answer) : failureOfAnswer(answer);
}

/**
 * What an error of the API says, without what its answer may repeat of the token and the key that were sent: a log would
 * keep all that an error holds.
 *
 * @param secrets What was sent in confidence, where it is known: a client of the caller's does not show its key.
 */
export function sayableCause(error: ClerkApiError, secrets: readonly string[]): Error {
  const { status, errors, clerkTraceId = "none" } = error;
  const reasons = (errors as ({ code?: unknown; message?: unknown } | null)[])
    .map((error) => `${error?.code}: ${error?.message}`);
  const clean = (text: string) => withoutSecrets(text, secrets);
  const text = `Clerk answered ${status ?? "nothing"}: ${reasons.join("; ") || "without a reason"}`;
  const said = printable(withoutTokens(clean(text)), MAX_CAUSE);
  return new Error(`${said} (trace ${printable(clean(String(clerkTraceId)), MAX_TRACE_ID)})`);
}
