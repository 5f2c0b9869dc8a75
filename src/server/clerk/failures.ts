import type { ClerkCliAuthError } from "../../core/errors.ts";
import { withoutSecrets, withoutTokens } from "../../core/redact.ts";
import { printable } from "../../core/text.ts";
import { invalidToken, misconfigured, UnavailableError } from "../failures.ts";

/** The shape of `ClerkAPIResponseError`, by which `@clerk/backend` reports an error response of its API. */
export interface ClerkApiError {
  errors: unknown[];
  status?: number;
  /** Seconds. */
  retryAfter?: number;
  /** Identifies the call in Clerk's logs. */
  clerkTraceId?: string;
}

const MAX_REASON = 80;
const FILLERS = ["", "the", "is", "was", "has", "been"];
const MAX_CAUSE = 500;
const MAX_TRACE_ID = 80;

/** Tells whether an error is `@clerk/backend`'s `ClerkAPIResponseError`. */
export function isClerkApiError(error: unknown): error is ClerkApiError {
  if (typeof error !== "object" || error === null) return false;
  return Array.isArray((error as Partial<ClerkApiError>).errors) && "clerkError" in error;
}

/** The longest `Retry-After` that is obeyed: a mistake in one must not stop us for good. */
const MAX_RETRY_AFTER_MS = 60_000;

/** How long Clerk asks to wait before the next call, in milliseconds; `undefined` if it does not say. */
export function retryAfterMsOf({ retryAfter }: Pick<ClerkApiError, "retryAfter">): number | undefined {
  if (typeof retryAfter !== "number" || !(retryAfter >= 0)) return undefined;
  return Math.min(retryAfter * 1000, MAX_RETRY_AFTER_MS);
}

/** Why a call to Clerk's API about a token failed. */
interface ClerkAnswer {
  /** The HTTP status; absent if there was no response. */
  status: number | undefined;
  /** What Clerk says about the token; absent if it says nothing that we know. */
  reason?: string | undefined;
  retryAfterMs?: number | undefined;
  cause?: unknown;
}

/** What an error response about a token means: the token is dead (400, 404), we are misconfigured, or Clerk is in trouble. */
export function failureOfAnswer(answer: ClerkAnswer): ClerkCliAuthError {
  const { status, reason = "Clerk does not know the token, or it was revoked", cause } = answer;
  if (status === 400 || status === 404) return invalidToken(reason, cause);
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
 * What an API error means that a call about a token has thrown.
 *
 * @param secrets Secrets that the call sent.
 */
export function failureOfApiError(error: ClerkApiError, secrets: readonly string[]): ClerkCliAuthError {
  const { status } = error;
  const reasons = reasonsOf(error);
  const cause = sayableCause(error, secrets);
  const said = reasons.flatMap(({ code, message }) => [message, code]);
  const answer = { status, reason: knownReason(said), retryAfterMs: retryAfterMsOf(error), cause };
  // Clerk says why it rejects a request. A response that does not comes from something in between.
  const isSomebodyElses = (status === 400 || status === 404) && reasons.length === 0;
  return isSomebodyElses ? troubleOf(answer) : failureOfAnswer(answer);
}

/** Why Clerk refuses a request. */
interface Reason {
  code: string;
  message: string;
}

function reasonsOf({ errors }: ClerkApiError): Reason[] {
  return (errors as (Partial<Reason> | null)[]).filter((error): error is Reason =>
    typeof error?.code === "string" && typeof error.message === "string"
  );
}

/** The reasons that callers are told: nothing else of a response is repeated to them. */
const KNOWN_REASONS = ["API key", "OAuth token", "OAuth access token", "Access token", "Token"]
  .flatMap((kind) => ["not found", "expired", "revoked"].map((state) => `${kind} ${state}`));

/** What is known of what Clerk or its client said. */
export function knownReason(said: readonly string[]): string | undefined {
  const texts = said.map(bare);
  return KNOWN_REASONS.find((reason) => texts.includes(bare(reason)));
}

/** What is said without how it is said: `The OAuth token has expired.`, `oauth_token_expired`. */
function bare(text: string): string {
  const words = text.slice(0, MAX_REASON).toLowerCase().split(/[^a-z]+/);
  return words.filter((word) => !FILLERS.includes(word)).join(" ");
}

/**
 * What an API error says, without the token and the key that the response may repeat: everything in an error can end up
 * in a log.
 *
 * @param secrets The secrets that were sent, as far as they are known: a caller's own client does not reveal its key.
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
