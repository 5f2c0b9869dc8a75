import { STATUS_CODE } from "@std/http/status";
import { type ClerkCliAuthError, type ErrorCode, EXIT_CODE } from "../core/errors.ts";
import type { Identity } from "../core/identity.ts";
import { printable } from "../core/printable.ts";
import { challenge } from "./challenge.ts";

/** The body of every answer that is not a success. */
export interface ErrorBody {
  /** What went wrong: a code of {@linkcode ClerkCliAuthError}. */
  error: ErrorCode;
  /** The same in a sentence. */
  error_description: string;
  /** The exit code that the CLI should end with. */
  exit_code: number;
}

/** What an error answer is made with. */
export interface ErrorAnswerOptions {
  /** Whether a bearer token came with the request. */
  hasToken: boolean;
  /** The scopes that the endpoint requires, named in a 403. */
  scopes: readonly string[];
  /** Where the protected resource metadata is (RFC 9728, section 5.1). */
  metadataUrl?: string | undefined;
}

const STATUS: Partial<Record<ErrorCode, number>> = {
  not_authenticated: STATUS_CODE.Unauthorized,
  invalid_token: STATUS_CODE.Unauthorized,
  token_type_not_accepted: STATUS_CODE.Unauthorized,
  verify_api_key: STATUS_CODE.Unauthorized,
  access_denied: STATUS_CODE.Forbidden,
  insufficient_scope: STATUS_CODE.Forbidden,
  invalid_request: STATUS_CODE.BadRequest,
  unavailable: STATUS_CODE.ServiceUnavailable,
  timeout: STATUS_CODE.ServiceUnavailable,
  network: STATUS_CODE.ServiceUnavailable,
};

/** What is said where the true text is for the operator alone. */
const UNSPOKEN: Record<number, string> = {
  [STATUS_CODE.InternalServerError]: "The server cannot verify credentials: its operator has to look into it",
  [STATUS_CODE.ServiceUnavailable]: "The credential cannot be verified just now",
};

const MAX_DESCRIPTION = 300;
const DEFAULT_RETRY_AFTER_MS = 1_000;

/** The HTTP status that an error is answered with. */
export function statusOf(error: ClerkCliAuthError): number {
  return STATUS[error.code] ?? STATUS_CODE.InternalServerError;
}

/** Answers with an identity. */
export function identityAnswer(identity: Identity): Response {
  return Response.json(identity, { headers: { "cache-control": "no-store" } });
}

/** Answers with an error (RFC 6750, section 3). */
export function errorAnswer(error: ClerkCliAuthError, options: ErrorAnswerOptions): Response {
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

/** Answers a request whose method the endpoint does not have (RFC 9110, section 15.5.6). */
export function methodNotAllowed(allowed: string): Response {
  return refusal(STATUS_CODE.MethodNotAllowed, `Only ${allowed} is allowed here`, { allow: allowed });
}

/** Answers a request whose address is none, for its `Host` is none (RFC 9112, section 3.2). */
export function badAddress(): Response {
  return refusal(STATUS_CODE.BadRequest, "The address of the request is malformed");
}

/** Answers a request for a path that does not exist. */
export function notFound(): Response {
  return refusal(STATUS_CODE.NotFound, "There is nothing at this path");
}

/** The answer to a HEAD request is that to GET without its body (RFC 9110, section 9.3.2). */
export function withoutBody(response: Response, request: Request): Response {
  return request.method === "HEAD" ? new Response(null, response) : response;
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
