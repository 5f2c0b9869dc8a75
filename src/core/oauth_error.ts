import { parseJsonObject } from "./encoding.ts";
import { ClerkCliAuthError, type ErrorCode } from "./errors.ts";
import type { TextResponse } from "./http.ts";
import { withoutSecrets } from "./redact.ts";
import { printable } from "./text.ts";

interface OAuthErrorBody {
  code?: string;
  description?: string;
}

/** Reads an error response of either shape: OAuth's (RFC 6749, section 5.2) or Clerk's. */
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

interface RefusalOptions {
  /** The code of the error. */
  step: ErrorCode;
  /** The endpoint's name in the message. */
  endpointName: string;
  /** The secrets in the request; redacted if the response repeats them. */
  secrets: readonly string[];
  action?: string;
}

/** Returns the error for a response with an unexpected status. */
export function refusal(response: TextResponse, options: RefusalOptions): ClerkCliAuthError {
  const { step, endpointName, secrets, action } = options;
  const { code, description } = readOAuthError(response.text);
  // Redact before shortening: half a secret would not be recognized.
  const oauthError = code && printable(withoutSecrets(code, secrets), 80);
  const detail = description && printable(withoutSecrets(description, secrets), 300);
  const said = [oauthError, detail].filter(Boolean).join(": ");
  const retryAfterMs = readRetryAfter(response.headers.get("retry-after"));
  const message = `${endpointName} responded with status ${response.status}${said && ` (${said})`}`;
  return new ClerkCliAuthError(step, message, {
    status: response.status,
    ...(oauthError && { oauthError }),
    ...(action && { action }),
    retryable: isTemporary(response.status),
    ...(isTemporary(response.status) && retryAfterMs !== undefined && { retryAfterMs }),
  });
}

/** Reads `Retry-After`, in milliseconds (RFC 9110, section 10.2.3); `undefined` if it is not valid. */
export function readRetryAfter(value: string | null): number | undefined {
  if (value === null) return undefined;
  if (/^\d+$/.test(value.trim())) return Number(value) * 1_000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}

/** Reports whether the same request may succeed later. */
export function isTemporary(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || status >= 500;
}
