import { parseJsonObject } from "./encoding.ts";
import { ClerkCliAuthError, type ErrorCode } from "./errors.ts";
import type { HttpAnswer } from "./http.ts";
import { withoutSecrets } from "./redact.ts";
import { printable } from "./text.ts";

/** What an error response says, as it came. */
interface OAuthErrorBody {
  code?: string;
  description?: string;
}

/** Reads both error shapes: OAuth's (RFC 6749, section 5.2) and Clerk's own. */
export function readOAuthError(text: string): OAuthErrorBody {
  const body = parseJsonObject(text);
  if (!body) return {};
  if (typeof body.error === "string") return errorBody(body.error, body.error_description);
  const first: unknown = Array.isArray(body.errors) ? body.errors[0] : undefined;
  if (typeof first !== "object" || first === null) return {};
  const { code, message, long_message } = first as Record<string, unknown>;
  return errorBody(code, long_message ?? message);
}

function errorBody(code: unknown, description: unknown): OAuthErrorBody {
  return {
    ...(typeof code === "string" && code && { code }),
    ...(typeof description === "string" && description && { description }),
  };
}

/** What a refused request is about. */
interface RefusalOptions {
  /** The error code of the step. */
  step: ErrorCode;
  /** What was asked, for the message. */
  endpointName: string;
  /** What was sent in confidence: it is cut out of whatever the response repeats. */
  secrets: readonly string[];
  action?: string;
}

/** The error of a response with another status than expected. */
export function refusal(answer: HttpAnswer, options: RefusalOptions): ClerkCliAuthError {
  const { step, endpointName, secrets, action } = options;
  const { code, description } = readOAuthError(answer.text);
  // Secrets first: a cut one would no longer be recognized.
  const oauthError = code && printable(withoutSecrets(code, secrets), 80);
  const detail = description && printable(withoutSecrets(description, secrets), 300);
  const said = [oauthError, detail].filter(Boolean).join(": ");
  const retryAfterMs = readRetryAfter(answer.headers.get("retry-after"));
  const message = `${endpointName} answered with status ${answer.status}${said && ` (${said})`}`;
  return new ClerkCliAuthError(step, message, {
    status: answer.status,
    ...(oauthError && { oauthError }),
    ...(action && { action }),
    retryable: isTemporary(answer.status),
    ...(isTemporary(answer.status) && retryAfterMs !== undefined && { retryAfterMs }),
  });
}

/** The time that a `Retry-After` names, in milliseconds (RFC 9110, section 10.2.3); `undefined` if it names none. */
export function readRetryAfter(value: string | null): number | undefined {
  if (value === null) return undefined;
  if (/^\d+$/.test(value.trim())) return Number(value) * 1_000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}

/** Whether a status says that the same request may succeed later. */
export function isTemporary(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || status >= 500;
}
