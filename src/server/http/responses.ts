import { type ClerkCliAuthError, type ErrorCode, EXIT_CODE, isClerkCliAuthError } from "../../core/errors.ts";
import { printable } from "../../core/text.ts";
import { failureOfApiError, isClerkApiError } from "../clerk/failures.ts";
import { misconfigured, type ScopeError } from "../failures.ts";
import { hasBearer, isFetchRequest } from "../token/credential.ts";
import type { AuthenticateOptions, HandleOptions, NodeRequest, ResourceOptions } from "../types.ts";
import { STATUS_CODE } from "@std/http/status";

/** The body of every error response. */
export interface ErrorBody {
  /** The code of the {@linkcode ClerkCliAuthError}. */
  error: ErrorCode;
  /** What went wrong, in a sentence. */
  error_description: string;
  /** The exit code that the CLI should use. */
  exit_code: number;
}

const STATUS: Partial<Record<ErrorCode, number>> = {
  not_authenticated: STATUS_CODE.Unauthorized,
  verify_api_key: STATUS_CODE.Unauthorized,
  userinfo: STATUS_CODE.Unauthorized,
  access_denied: STATUS_CODE.Forbidden,
  insufficient_scope: STATUS_CODE.Forbidden,
  invalid_request: STATUS_CODE.BadRequest,
  unavailable: STATUS_CODE.ServiceUnavailable,
  timeout: STATUS_CODE.ServiceUnavailable,
  network: STATUS_CODE.ServiceUnavailable,
};

/** The text for callers if the real one is only for the operator. */
const UNSPOKEN: Record<number, string> = {
  [STATUS_CODE.InternalServerError]: "The server cannot verify credentials: its operator has to look into it",
  [STATUS_CODE.ServiceUnavailable]: "The credential cannot be verified just now",
};

const MAX_DESCRIPTION = 300;
const DEFAULT_RETRY_AFTER_MS = 1_000;

export interface FailureOptions {
  /** Describes the backend. A 401 then links the description. */
  resource?: ResourceOptions | undefined;
  onError?: Reporter | undefined;
  report: Report;
}

/** Responds to an error (RFC 6750, section 3). Details of our own errors only go to the operator. */
export async function failureResponse(
  cause: unknown,
  request: Request | NodeRequest,
  { report, onError, resource }: FailureOptions,
): Promise<Response> {
  const sent = fetchRequest(request);
  const error = ours(cause);
  if (statusOf(error) >= STATUS_CODE.InternalServerError) await report(cause, sent, onError);
  return refusal(error, sent, resource);
}

/**
 * Turns an error of {@linkcode CliAuthInstance.verifyTokenFromRequest} into a response, as {@linkcode handle}
 * does (RFC 6750, section 3). Any other error becomes a 500.
 *
 * @param error The caught error.
 * @param request The request: a `Request`, or Node's.
 * @param options The description of the backend, and who receives the errors behind responses 500 and 503: by
 * default the console.
 * @returns The response.
 *
 * @example
 * ```ts
 * import { cliAuth, errorResponse } from "@clerk/cli-auth/server";
 *
 * const auth = cliAuth({ clientIds: ["your-oauth-client-id"] });
 *
 * export async function GET(request: Request): Promise<Response> {
 *   try {
 *     const { subject } = await auth.verifyTokenFromRequest(request);
 *     return Response.json({ of: subject });
 *   } catch (error) {
 *     return errorResponse(error, request);
 *   }
 * }
 * ```
 */
export function errorResponse(
  error: unknown,
  request: Request | NodeRequest,
  { resource, onError }: Pick<AuthenticateOptions, "resource" | "onError"> = {},
): Response {
  const sent = fetchRequest(request);
  const known = ours(error);
  if (statusOf(known) >= STATUS_CODE.InternalServerError) void reportOnce(error, sent, onError);
  return refusal(known, sent, resource);
}

function ours(cause: unknown): ClerkCliAuthError {
  if (isClerkCliAuthError(cause)) return cause;
  const failure = isClerkApiError(cause) ? failureOfApiError(cause, []) : undefined;
  if (failure?.code === "unavailable") return failure;
  return misconfigured("The request could not be answered", { cause });
}

function statusOf({ code, retryable }: ClerkCliAuthError): number {
  const isOutage = code === "userinfo" && retryable;
  return isOutage ? STATUS_CODE.ServiceUnavailable : STATUS[code] ?? STATUS_CODE.InternalServerError;
}

function refusal(
  error: ClerkCliAuthError,
  request: Request,
  resource: ResourceOptions | undefined,
): Response {
  const status = statusOf(error);
  const description = UNSPOKEN[status] ?? printable(error.message, MAX_DESCRIPTION);
  const body: ErrorBody = { error: error.code, error_description: description, exit_code: error.exitCode };
  const headers: Record<string, string> = {};
  if (status < STATUS_CODE.InternalServerError) {
    const code = errorCode(status, request);
    headers["www-authenticate"] = challenge({
      realm: "api",
      error: code,
      error_description: code && description,
      scope: (error as ScopeError).scopes?.join(" "),
      resource_metadata: resource && metadataUrl(resource, request),
    });
  }
  if (status === STATUS_CODE.ServiceUnavailable) {
    const { retryAfterMs = DEFAULT_RETRY_AFTER_MS } = error;
    headers["retry-after"] = String(Math.max(1, Math.ceil(retryAfterMs / 1000)));
  }
  return privateJson(body, request, { status, headers });
}

export const METHODS: readonly string[] = ["GET", "HEAD"];

/** Rejects other methods (RFC 9110, section 15.5.6). */
export function methodNotAllowed(request: Request): Response {
  const allow = METHODS.join(", ");
  return invalid(request, `Only ${allow} is allowed here`, {
    status: STATUS_CODE.MethodNotAllowed,
    headers: { allow },
  });
}

/** Rejects a request whose `Host` makes its URL invalid (RFC 9112, section 3.2). */
export function badAddress(request: Request): Response {
  return invalid(request, "The address of the request is malformed", { status: STATUS_CODE.BadRequest });
}

export function notFound(request: Request): Response {
  return invalid(request, "There is nothing at this path", { status: STATUS_CODE.NotFound });
}

interface ResponseOptions {
  status?: number;
  headers?: Record<string, string>;
}

function invalid(request: Request, description: string, options: ResponseOptions): Response {
  const body: ErrorBody = {
    error: "invalid_request",
    error_description: description,
    exit_code: EXIT_CODE.GENERAL,
  };
  return privateJson(body, request, options);
}

/** Responds with JSON that must not be cached, without a body for HEAD (RFC 9110, section 9.3.2). */
export function privateJson(
  value: unknown,
  { method }: Request,
  { status = 200, headers }: ResponseOptions = {},
): Response {
  // Not `Response.json()`, which is slower and has no fast path in adapters for Node.
  return new Response(method === "HEAD" ? null : JSON.stringify(value), {
    status,
    headers: { "content-type": "application/json", "cache-control": "no-store", ...headers },
  });
}

/** Returns the URL of a request; `undefined` if it is invalid. Deno and Bun copy any `Host` into it. */
export function requestAddress({ url }: Request): URL | undefined {
  return URL.canParse(url) ? new URL(url) : undefined;
}

/** Converts Node's request to the Fetch API, without its body. */
function fetchRequest(request: Request | NodeRequest): Request {
  if (isFetchRequest(request)) return request;
  const { method, headers, socket, url = "/", originalUrl = url } = request;
  const authority = headers.host ?? headers[":authority"] ?? "localhost";
  const host = `${socket?.encrypted ? "https" : "http"}://${authority}`;
  const address = originalUrl.startsWith("/") ? host + originalUrl : originalUrl;
  const sent = new Request(isPlainAddress(address) ? address : "http://localhost/", {
    method: method === "HEAD" ? method : "GET",
  });
  for (const [name, value = []] of Object.entries(headers)) {
    for (const each of [value].flat()) {
      try {
        sent.headers.append(name, each);
      } catch {
        // A pseudo-header of HTTP/2, or text from a middleware that no header can contain.
      }
    }
  }
  return sent;
}

/** Whether a `Request` takes it on every runtime: in Node, none has credentials in its URL. */
function isPlainAddress(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, username, password } = new URL(address);
  return /^https?:$/.test(protocol) && !username && !password;
}

/** The path of a resource's metadata, inserted before its own path (RFC 9728, section 3). */
export const METADATA_PATH = "/.well-known/oauth-protected-resource";

/** Returns the URL of the requested resource's metadata; `undefined` if the URL of the request is invalid. */
function metadataUrl({ url }: ResourceOptions, request: Request): string | undefined {
  const address = url === undefined ? requestAddress(request) : new URL(url);
  return address && address.origin + METADATA_PATH + (address.pathname === "/" ? "" : address.pathname);
}

/**
 * Returns the value of `WWW-Authenticate`.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-3 RFC 6750, section 3}
 * @see {@link https://www.rfc-editor.org/rfc/rfc9728#section-5.1 RFC 9728, section 5.1}
 */
function challenge(parameters: Record<string, string | undefined>): string {
  const written = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}="${quotable(value)}"`]
  );
  return `Bearer ${written.join(", ")}`;
}

/** There is no error code if the request has no credential. */
function errorCode(status: number, request: Request): string | undefined {
  if (status === STATUS_CODE.BadRequest) return "invalid_request";
  if (status === STATUS_CODE.Forbidden) return "insufficient_scope";
  return hasBearer(request) ? "invalid_token" : undefined;
}

// RFC 6750, section 3: the characters %x20-21 / %x23-5B / %x5D-7E.
function quotable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, "?").replaceAll(/["\\]/g, "'");
}

type Reporter = NonNullable<HandleOptions["onError"]>;
export type Report = (error: unknown, request: Request, reporter?: Reporter) => Promise<void>;

const REPORT_INTERVAL_MS = 60_000;
const MAX_KINDS = 100;

/**
 * Passes errors to the operator's reporter, which can neither fail the request nor change the response. The
 * same failure is reported once a minute, so that callers cannot fill the log.
 */
export function createReport(): Report {
  const kinds = new Map<string, { reportedAt: number; count: number }>();

  /** Returns how many times an error occurred since its last report; 0 if it should not be reported yet. */
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

  return async (error, request, reporter = writeToConsole) => {
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

/** Reports errors that {@linkcode errorResponse} responds to. */
const reportOnce = createReport();
