import type { ClerkCliAuthError } from "../../core/errors.ts";
import { withoutSecrets, withoutTokens } from "../../core/redact.ts";
import { printable } from "../../core/text.ts";
import { invalidToken, secretKeyRefused, UnavailableError } from "../failures.ts";

/** The shape of `ClerkAPIResponseError`, the error of `@clerk/backend` for an error response. */
export interface ClerkApiError {
  errors: unknown[];
  status?: number;
  /** In seconds. */
  retryAfter?: number;
  /** Identifies the call in Clerk's logs. */
  clerkTraceId?: string;
}

const MAX_REASON = 80;
const FILLERS = ["", "the", "is", "was", "has", "been"];
const MAX_CAUSE = 500;
const MAX_TRACE_ID = 80;

/** Reports whether an error is `@clerk/backend`'s `ClerkAPIResponseError`. */
export function isClerkApiError(error: unknown): error is ClerkApiError {
  if (typeof error !== "object" || error === null) return false;
  return Array.isArray((error as Partial<ClerkApiError>).errors) && "clerkError" in error;
}

/** The longest `Retry-After` that we obey, in milliseconds: a wrong one must not stop us for good. */
export const MAX_RETRY_AFTER_MS = 60_000;

/** Returns how long Clerk asks to wait, in milliseconds; `undefined` if it does not say. */
export function retryAfterMsOf({ retryAfter }: Pick<ClerkApiError, "retryAfter">): number | undefined {
  if (typeof retryAfter !== "number" || !(retryAfter >= 0)) return undefined;
  return Math.min(retryAfter * 1000, MAX_RETRY_AFTER_MS);
}

/** Why a call about a token failed. */
interface ClerkFailure {
  /** The HTTP status, if there was a response. */
  status: number | undefined;
  /** What Clerk says about the token, if we know the phrase. */
  reason?: string | undefined;
  retryAfterMs?: number | undefined;
  cause?: unknown;
}

/**
 * Interprets an error response about a token: the token is dead (400, 404), we are misconfigured, or Clerk is
 * in trouble.
 */
export function errorOfFailure(failure: ClerkFailure): ClerkCliAuthError {
  const { status, reason = "Clerk does not know the token, or it was revoked", cause } = failure;
  if (status === 400 || status === 404) return invalidToken(reason, cause);
  if (status === 401 || status === 403) return secretKeyRefused(cause);
  return troubleOf(failure);
}

function troubleOf({ status, retryAfterMs, cause }: ClerkFailure): UnavailableError {
  const trouble = status === undefined ? "Clerk could not be reached" : respondedWith(status);
  return new UnavailableError(trouble, { retryAfterMs, clerkStatus: status, cause });
}

function respondedWith(status: number): string {
  return `Clerk responded with status ${status}`;
}

/**
 * Interprets an API error from a call about a token.
 *
 * @param secrets The secrets that the call sent.
 */
export function failureOfApiError(error: ClerkApiError, secrets: readonly string[]): ClerkCliAuthError {
  const { status } = error;
  const cause = sayableCause(error, secrets);
  const said = reasonsOf(error).flatMap(({ code, message }) =>
    typeof code === "string" && typeof message === "string" ? [message, code] : []
  );
  const failure = { status, reason: knownReason(said), retryAfterMs: retryAfterMsOf(error), cause };
  // Clerk gives a reason for every rejection. A response without one comes from something in between.
  const isSomebodyElses = (status === 400 || status === 404) && said.length === 0;
  return isSomebodyElses ? troubleOf(failure) : errorOfFailure(failure);
}

/** Returns why Clerk rejects a request, unchecked. */
function reasonsOf({ errors }: ClerkApiError): { code?: unknown; message?: unknown }[] {
  return errors.map((error) => Object(error));
}

/** The reasons that callers may see. Nothing else in a response is repeated to them. */
const KNOWN_REASONS = ["API key", "OAuth token", "OAuth access token", "Access token", "Token"]
  .flatMap((kind) => ["not found", "expired", "revoked"].map((state) => `${kind} ${state}`));

/** Finds a known reason in what Clerk or its client said. */
export function knownReason(said: readonly string[]): string | undefined {
  const texts = said.map(bare);
  return KNOWN_REASONS.find((reason) => texts.includes(bare(reason)));
}

/** Normalizes a reason, such as `The OAuth token has expired.` or `oauth_token_expired`. */
function bare(text: string): string {
  const words = text.slice(0, MAX_REASON).toLowerCase().split(/[^a-z]+/);
  return words.filter((word) => !FILLERS.includes(word)).join(" ");
}

/**
 * Turns an API error into a `cause` without the token and key that the response may repeat, because errors
 * end up in logs.
 *
 * @param secrets The secrets that were sent, if known: a caller's own client does not reveal its key.
 */
export function sayableCause(error: ClerkApiError, secrets: readonly string[]): Error {
  const { status, clerkTraceId = "none" } = error;
  const reasons = reasonsOf(error).map(({ code, message }) => `${code}: ${message}`);
  const clean = (text: string) => withoutSecrets(text, secrets);
  const what = status === undefined ? "The call to Clerk failed" : respondedWith(status);
  const text = `${what}: ${reasons.join("; ") || "no reason given"}`;
  const said = printable(withoutTokens(clean(text)), MAX_CAUSE);
  return new Error(`${said} (trace ${printable(clean(String(clerkTraceId)), MAX_TRACE_ID)})`);
}
