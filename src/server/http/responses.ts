import { type ClerkCliAuthError, type ErrorCode, EXIT_CODE, isClerkCliAuthError } from "../../core/errors.ts";
import { printable } from "../../core/text.ts";
import { failureOfApiError, isClerkApiError } from "../clerk/failures.ts";
import { misconfigured } from "../failures.ts";
import type { HandleOptions } from "../types.ts";
import { STATUS_CODE } from "@std/http/status";

/** The body of every error response. */
export interface ErrorBody {
  /** What went wrong: a code of {@linkcode ClerkCliAuthError}. */
  error: ErrorCode;
  /** The same as a sentence. */
  error_description: string;
  /** The exit code that the CLI should end with. */
  exit_code: number;
}

/** What goes into an error response. */
interface ErrorResponseOptions {
  /** Whether the request has a bearer token. */
  hasToken: boolean;
  /** The scopes that the endpoint requires, named in a 403. */
  scopes: readonly string[];
  /** Where the protected resource metadata is (RFC 9728, section 5.1). */
  metadataUrl?: string | undefined;
}

const STATUS: Partial<Record<ErrorCode, number>> = {
  not_authenticated: STATUS_CODE.Unauthorized,
  verify_api_key: STATUS_CODE.Unauthorized,
  access_denied: STATUS_CODE.Forbidden,
  insufficient_scope: STATUS_CODE.Forbidden,
  invalid_request: STATUS_CODE.BadRequest,
  unavailable: STATUS_CODE.ServiceUnavailable,
  timeout: STATUS_CODE.ServiceUnavailable,
  network: STATUS_CODE.ServiceUnavailable,
};

/** The text that callers get if the real one is only for the operator. */
const UNSPOKEN: Record<number, string> = {
  [STATUS_CODE.InternalServerError]: "The server cannot verify credentials: its operator has to look into it",
  [STATUS_CODE.ServiceUnavailable]: "The credential cannot be verified just now",
};

const MAX_DESCRIPTION = 300;
const DEFAULT_RETRY_AFTER_MS = 1_000;

/** The HTTP status for an error. */
function statusOf(error: ClerkCliAuthError): number {
  return STATUS[error.code] ?? STATUS_CODE.InternalServerError;
}

/** Responds with an error (RFC 6750, section 3). */
function errorResponse(error: ClerkCliAuthError, options: ErrorResponseOptions): Response {
  const status = statusOf(error);
  const body: ErrorBody = {
    error: error.code,
    error_description: UNSPOKEN[status] ?? printable(error.message, MAX_DESCRIPTION),
    exit_code: error.exitCode,
  };
  const headers = new Headers({ "cache-control": "no-store" });
  if (status < STATUS_CODE.InternalServerError) {
    headers.set("www-authenticate", challenge({ ...options, status, description: body.error_description }));
  }
  if (status === STATUS_CODE.ServiceUnavailable) headers.set("retry-after", String(retryAfterSeconds(error)));
  return Response.json(body, { status, headers });
}

/** Refuses a method that the endpoint does not have (RFC 9110, section 15.5.6). */
export function methodNotAllowed(allowed: string): Response {
  return refusal(STATUS_CODE.MethodNotAllowed, `Only ${allowed} is allowed here`, { allow: allowed });
}

/** The URL of a request; `undefined` if it is invalid: Deno and Bun copy whatever `Host` says into it. */
export function requestAddress({ url }: Request): URL | undefined {
  return URL.canParse(url) ? new URL(url) : undefined;
}

/** Refuses a request whose URL is invalid because its `Host` is (RFC 9112, section 3.2). */
export function badAddress(): Response {
  return refusal(STATUS_CODE.BadRequest, "The address of the request is malformed");
}

/** Refuses a path that does not exist. */
export function notFound(): Response {
  return refusal(STATUS_CODE.NotFound, "There is nothing at this path");
}

/** The response to HEAD: the one to GET without its body (RFC 9110, section 9.3.2). */
export function withoutBody(response: Response): Response {
  return new Response(null, response);
}

function refusal(status: number, description: string, headers: Record<string, string> = {}): Response {
  const body: ErrorBody = {
    error: "invalid_request",
    error_description: description,
    exit_code: EXIT_CODE.GENERAL,
  };
  return Response.json(body, { status, headers: { ...headers, "cache-control": "no-store" } });
}

function retryAfterSeconds(error: ClerkCliAuthError): number {
  const { retryAfterMs = DEFAULT_RETRY_AFTER_MS } = error as { retryAfterMs?: number };
  return Math.max(1, Math.ceil(retryAfterMs / 1000));
}

/** What a challenge says besides the error code. */
interface ChallengeOptions {
  status: number;
  description: string;
  /** Whether the request has a bearer token. */
  hasToken: boolean;
  /** The scopes that the endpoint requires. */
  scopes: readonly string[];
  /** Where the protected resource metadata is. */
  metadataUrl?: string | undefined;
}

const REALM = "api";

/**
 * The value of `WWW-Authenticate`: without an error code if the request has no credential.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-3 RFC 6750, section 3}
 * @see {@link https://www.rfc-editor.org/rfc/rfc9728#section-5.1 RFC 9728, section 5.1}
 */
function challenge({ status, description, hasToken, scopes, metadataUrl }: ChallengeOptions): string {
  const error = errorCode(status, hasToken);
  const parameters = {
    realm: REALM,
    error,
    error_description: error && description,
    scope: status === 403 && scopes.length > 0 ? scopes.join(" ") : undefined,
    resource_metadata: metadataUrl,
  };
  const written = Object.entries(parameters).filter(([, value]) => value !== undefined);
  return `Bearer ${written.map(([name, value]) => `${name}="${quotable(value ?? "")}"`).join(", ")}`;
}

function errorCode(status: number, hasToken: boolean): string | undefined {
  if (status === 400) return "invalid_request";
  if (status === 403) return "insufficient_scope";
  return hasToken ? "invalid_token" : undefined;
}

// RFC 6750, section 3: the characters %x20-21 / %x23-5B / %x5D-7E.
function quotable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, "?").replaceAll(/["\\]/g, "'");
}

/** What goes into the response to a failure, and who is told. */
interface FailureResponseOptions extends ErrorResponseOptions {
  report: Report;
}

/** Responds to whatever was thrown. Details of our own faults go to the operator only. */
export async function failureResponse(
  cause: unknown,
  request: Request,
  { report, ...options }: FailureResponseOptions,
): Promise<Response> {
  const error = ours(cause);
  if (statusOf(error) >= 500) await report(cause, request);
  return errorResponse(error, options);
}

function ours(cause: unknown): ClerkCliAuthError {
  if (isClerkCliAuthError(cause)) return cause;
  const failure = isClerkApiError(cause) ? failureOfApiError(cause, []) : undefined;
  if (failure?.code === "unavailable") return failure;
  return misconfigured("The request could not be answered", { cause });
}

type Reporter = NonNullable<HandleOptions["onError"]>;
/** Tells the operator about an error. */
export type Report = (error: unknown, request: Request) => Promise<void>;

const REPORT_INTERVAL_MS = 60_000;
const MAX_KINDS = 100;

/**
 * Hands errors to the operator's reporter, which can neither fail the request nor change the response. What fails in the
 * same way is reported once a minute: whoever can make requests fail must not be able to fill the log.
 */
export function createReport(reporter: Reporter = writeToConsole): Report {
  const kinds = new Map<string, { reportedAt: number; count: number }>();

  /** How often an error came since it was last reported; 0 if it is not to be reported yet. */
  function due({ code, message }: ClerkCliAuthError): number {
    const [kind, now] = [`${code}: ${message}`, Date.now()];
    const { reportedAt, count } = kinds.get(kind) ?? { reportedAt: -Infinity, count: 0 };
    // The clock may have been set back.
    const isDue = Math.abs(now - reportedAt) >= REPORT_INTERVAL_MS;
    kinds.delete(kind);
    kinds.set(kind, isDue ? { reportedAt: now, count: 0 } : { reportedAt, count: count + 1 });
    for (const oldest of kinds.keys()) if (kinds.size > MAX_KINDS) kinds.delete(oldest);
    return isDue ? count + 1 : 0;
  }

  return async (error, request) => {
    const count = isClerkCliAuthError(error) ? due(error) : 1;
    if (count === 0) return;
    try {
      await reporter(error, { request, count });
    } catch {
      // Nobody is left to tell.
    }
  };
}

const writeToConsole: Reporter = (error, { count }) => {
  // deno-lint-ignore no-console -- a server without a reporter of its own has no other place for it
  console.error("@clerk/cli-auth:", error, ...(count > 1 ? [`(${count} times)`] : []));
};
