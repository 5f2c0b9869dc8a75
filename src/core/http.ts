import { ClerkCliAuthError, type ErrorCode } from "./errors.ts";
import { cleanCause } from "./redact.ts";
import { durationText, startDeadline, stopSignal, unlessAborted } from "./time.ts";

export interface ExchangeOptions {
  transport: Transport;
  /** The code of the errors that this exchange throws. */
  step: ErrorCode;
  /** The endpoint's name in messages, such as "The token endpoint". */
  endpointName: string;
  /** The deadline for the whole exchange including the body, in milliseconds. */
  timeoutMs: number;
  signal?: AbortSignal | undefined;
  /**
   * The largest body that we read, in bytes.
   * @default 1048576
   */
  maxBytes?: number;
}

/** A response with its whole body. */
export interface TextResponse {
  status: number;
  headers: { get(name: string): string | null };
  text: string;
}

const MAX_BODY_BYTES = 1024 * 1024;

/**
 * Sends a request and reads the response, under one deadline.
 *
 * @throws {ClerkCliAuthError} `timeout` at the deadline, `cancelled` if the signal aborts, otherwise `step`:
 * the host is unreachable (`retryable`), redirects, or sends too large a body.
 */
export async function exchange(request: HttpRequest, options: ExchangeOptions): Promise<TextResponse> {
  const { transport, step, endpointName, timeoutMs, signal } = options;
  const timedOut = () => noResponse(endpointName, timeoutMs);
  const stop = stopSignal({ signal, timeoutMs, timedOut, startTimer: startDeadline });
  try {
    return await unlessAborted(readResponse(transport, request, options, stop.signal), stop.signal);
  } catch (error) {
    if (stop.signal.aborted) throw stop.signal.reason;
    stop.abort(error); // Cancels the rest of the body.
    if (error instanceof ClerkCliAuthError) throw error;
    const subject = `${endpointName} at ${new URL(request.url).host}`;
    throw unreachable(step, subject, cleanCause(error, requestSecrets(request)));
  } finally {
    stop.release();
  }
}

async function readResponse(
  transport: Transport,
  request: HttpRequest,
  { step, endpointName, maxBytes = MAX_BODY_BYTES }: ExchangeOptions,
  signal: AbortSignal,
): Promise<TextResponse> {
  signal.throwIfAborted();
  const response = await transport(request, signal);
  const { status, headers } = response;
  if (status === 0 || (status >= 300 && status < 400)) {
    throw new ClerkCliAuthError(step, `${endpointName} responded with a redirect, which is not followed`, {
      status,
    });
  }
  const text = await readText(response, { maxBytes, signal });
  if (text === undefined) {
    throw new ClerkCliAuthError(step, `${endpointName} sent more than ${maxBytes} bytes`, {
      status,
    });
  }
  return { status, headers, text };
}

/** Returns `undefined` if the body is too large. Leaving the loop early cancels the rest. */
async function readText(
  { body }: HttpResponse,
  { maxBytes, signal }: { maxBytes: number; signal: AbortSignal },
): Promise<string | undefined> {
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for await (const chunk of body ?? []) {
    signal.throwIfAborted();
    size += chunk.byteLength;
    if (size > maxBytes) return undefined;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** The error of a server that could not be reached, or whose certificate is not trusted. */
export function unreachable(step: ErrorCode, subject: string, cause: unknown): ClerkCliAuthError {
  const isUntrusted = isCertificateFailure(cause);
  return new ClerkCliAuthError(
    step,
    `${subject} could not be reached${isUntrusted ? ": its certificate is not trusted here" : ""}`,
    {
      retryable: true, // Also with a certificate: it may be that of a hotspot's sign-in page.
      cause,
      action: isUntrusted ? TRUST : "Check the network connection and try again",
    },
  );
}

const TRUST =
  "If your network has its own CA, trust it: set NODE_EXTRA_CA_CERTS=FILE or NODE_USE_SYSTEM_CA=1 (Node 22.19+) " +
  "in Node and Bun, DENO_CERT=FILE or DENO_TLS_CA_STORE=system in Deno";

/** The codes of Node and Bun, and the words of Deno. */
const CERTIFICATE_FAILURE = /certificate|\bCERT_|_CERT\b|UNABLE_TO_VERIFY_LEAF_SIGNATURE|ERR_TLS_CERT/;

/** Whether a request failed because of the server's certificate. */
export function isCertificateFailure(error: unknown): boolean {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth++) {
    const { code } = cause as { code?: unknown };
    if (CERTIFICATE_FAILURE.test(`${String(code)} ${cause.message}`)) return true;
  }
  return false;
}

function noResponse(endpointName: string, timeoutMs: number): ClerkCliAuthError {
  return new ClerkCliAuthError(
    "timeout",
    `${endpointName} did not respond within ${durationText(timeoutMs)}`,
    {
      retryable: true,
      action: "Check the network connection and try again",
    },
  );
}

const SECRET_PARAMETERS = ["code", "code_verifier", "refresh_token", "token", "device_code"];

/** Lists the secrets in a request: its credential and the secret parameters of its form. */
export function requestSecrets({ headers, body }: HttpRequest): string[] {
  const form = new URLSearchParams(body);
  const credential = headers.authorization?.replace(/^\S+ /, "") ?? "";
  return [credential, ...SECRET_PARAMETERS.flatMap((name) => form.getAll(name))];
}

/** An HTTP request whose body is a form, or nothing. */
export interface HttpRequest {
  method: "GET" | "POST" | "PATCH";
  url: string;
  headers: Record<string, string>;
  body?: string;
}

/** The response to an {@linkcode HttpRequest}, with its body unread. */
export interface HttpResponse {
  status: number;
  headers: { get(name: string): string | null };
  body: AsyncIterable<Uint8Array> | null;
}

/**
 * Sends a request, a POST on a new connection, and resolves when the headers are there. It follows no redirect, does
 * not send a POST twice, and stops, the reading of the body included, when `signal` aborts.
 */
export type Transport = (request: HttpRequest, signal: AbortSignal) => Promise<HttpResponse>;

/** Builds a POST of a form that asks for JSON, as OAuth endpoints expect (RFC 6749, appendix B). */
export function formRequest(url: string, parameters: Record<string, string>): HttpRequest {
  return {
    method: "POST",
    url,
    headers: { "accept": "application/json", "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(parameters).toString(),
  };
}

/** Turns a `fetch` function into a {@linkcode Transport}. */
export function fetchTransport(
  fetch: (url: string, init: RequestInit) => Promise<Response>,
  init: RequestInit = {},
): Transport {
  return async (request, signal) => {
    const { method, headers, body = null } = request;
    const response = await fetch(request.url, { ...init, method, headers, body, signal, redirect: "manual" });
    return {
      status: response.status,
      headers: response.headers,
      body: response.body && chunks(response, response.body),
    };
  };
}

/** The largest body that is read in one piece, in bytes. */
const SMALL_BYTES = 65_536;

/** Reports whether a response states a small size, and nothing that makes a body of any size possible. */
function isSmall({ headers }: Response): boolean {
  const length = headers.get("content-length");
  const isPlain = !headers.has("content-encoding") && !headers.has("transfer-encoding");
  return isPlain && length !== null && Number(length) <= SMALL_BYTES;
}

async function* chunks(
  response: Response,
  body: ReadableStream<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  // In one piece, Deno and Bun need a quarter of the time.
  if (isSmall(response)) return yield new Uint8Array(await response.arrayBuffer());
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    // Cancels a body that was not read to its end. It no longer matters if that fails.
    reader.cancel().catch(() => {});
  }
}
