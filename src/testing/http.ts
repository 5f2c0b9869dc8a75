import { randomText } from "./instance.ts";

interface JsonOptions {
  status?: number;
  headers?: Record<string, string>;
}

/** Builds a JSON response that is not cached. `@clerk/backend` expects this media type without a `charset`. */
export function json(value: unknown, { status = 200, headers = {} }: JsonOptions = {}): Response {
  return new Response(JSON.stringify(value), {
    status,
    headers: {
      "Content-Type": "application/json",
      "Cache-Control": "no-store",
      "Pragma": "no-cache",
      ...headers,
    },
  });
}

/** Builds an error response in Clerk's format. */
export function clerkErrorResponse(
  status: number,
  { code, message, headers = {} }: { code: string; message: string; headers?: Record<string, string> },
): Response {
  const errors = [{ message, long_message: message, code }];
  return json({ errors, clerk_trace_id: randomText(32).toLowerCase() }, { status, headers });
}

/** Builds a redirect that turns a POST into a GET. */
export function seeOther(location: string, headers: Record<string, string> = {}): Response {
  return new Response(null, {
    status: 303,
    headers: { Location: location, "Cache-Control": "no-store", ...headers },
  });
}

const MAX_BODY_BYTES = 1024 * 1024;

/** A request whose body has been read. */
export interface IncomingRequest {
  readonly method: string;
  readonly url: URL;
  /** The origin that the client called, used as the issuer. */
  readonly issuer: string;
  readonly headers: Headers;
  readonly body: string;
}

/** Reads a request; `null` if its body is too large. */
export async function readIncomingRequest(request: Request): Promise<IncomingRequest | null> {
  const body = await readBody(request.body);
  if (body === null) return null;
  const url = new URL(request.url);
  const { method, headers } = request;
  // A server may put its own address into the URL. The header has the one that the client used.
  const { host } = new URL(`${url.protocol}//${headers.get("host") ?? url.host}`);
  return { method, url, issuer: `${url.protocol}//${host}`, headers, body };
}

export function isForm({ headers }: IncomingRequest): boolean {
  const mediaType = headers.get("content-type")?.split(";")[0] ?? "";
  return mediaType.trim().toLowerCase() === "application/x-www-form-urlencoded";
}

/**
 * Reads the form of a request to an OAuth endpoint.
 *
 * @throws {OAuthProblem} `invalid_request` if there is no form or a parameter is repeated (RFC 6749, section
 * 3.2).
 */
export function readOAuthForm(request: IncomingRequest): URLSearchParams {
  if (!isForm(request)) {
    throw new OAuthProblem("invalid_request", "The body must be of type application/x-www-form-urlencoded");
  }
  const form = new URLSearchParams(request.body);
  refuseRepeated(form);
  return form;
}

/**
 * Rejects repeated parameters (RFC 6749, section 3.1).
 *
 * @throws {OAuthProblem} `invalid_request`
 */
export function refuseRepeated(parameters: URLSearchParams): void {
  const names = new Set<string>();
  for (const name of parameters.keys()) {
    if (names.has(name)) {
      throw new OAuthProblem("invalid_request", `The parameter '${name.slice(0, 50)}' is repeated`);
    }
    names.add(name);
  }
}

async function readBody(body: ReadableStream<Uint8Array> | null): Promise<string | null> {
  if (body === null) return "";
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let text = "";
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value.byteLength;
    if (bytes > MAX_BODY_BYTES) {
      // It does not matter what the sender does with the rest.
      reader.cancel().catch(() => {});
      return null;
    }
    text += decoder.decode(value, { stream: true });
  }
}

/** A rejected request. Throw it anywhere in a handler, and it becomes the response. */
export abstract class Problem extends Error {
  abstract response(): Response;
}

/** An error in OAuth's format (RFC 6749, section 5.2). */
export class OAuthProblem extends Problem {
  readonly error: string;
  readonly status: number;
  readonly headers: Record<string, string>;

  constructor(
    error: string,
    description: string,
    { status = 400, headers = {} }: { status?: number; headers?: Record<string, string> } = {},
  ) {
    super(description);
    this.error = error;
    this.status = status;
    this.headers = headers;
  }

  response(): Response {
    const { error, status, headers, message } = this;
    return json({ error, error_description: message }, { status, headers });
  }
}

/** An error in Clerk's format. */
export class ClerkProblem extends Problem {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }

  response(): Response {
    return clerkErrorResponse(this.status, { code: this.code, message: this.message });
  }
}
