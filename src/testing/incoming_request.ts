import { OAuthProblem } from "./problems.ts";

const MAX_BODY_BYTES = 1024 * 1024;

/** A request whose body has been read. */
export interface IncomingRequest {
  readonly method: string;
  readonly url: URL;
  /** The origin that the client asked, which is the issuer. */
  readonly issuer: string;
  readonly headers: Headers;
  readonly body: string;
}

/** Reads a request; `null` when its body is too large to be meant seriously. */
export async function readIncomingRequest(request: Request): Promise<IncomingRequest | null> {
  const body = await readBody(request.body);
  if (body === null) return null;
  const url = new URL(request.url);
  const { method, headers } = request;
  // A server may write its own address into the URL: what the client asked for stands in the header.
  const { host } = new URL(`${url.protocol}//${headers.get("host") ?? url.host}`);
  return { method, url, issuer: `${url.protocol}//${host}`, headers, body };
}

/** Whether the body is a form. */
export function isForm({ headers }: IncomingRequest): boolean {
  const mediaType = headers.get("content-type")?.split(";")[0] ?? "";
  return mediaType.trim().toLowerCase() === "application/x-www-form-urlencoded";
}

/**
 * Reads the form of a request to an OAuth endpoint.
 *
 * @throws {OAuthProblem} `invalid_request` when there is no form, or a parameter stands in it twice (RFC 6749, section 3.2).
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
 * Refuses parameters of which one stands twice (RFC 6749, section 3.1).
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
      // What the sender does with the rest is its own affair.
      reader.cancel().catch(() => {});
      return null;
    }
    text += decoder.decode(value, { stream: true });
  }
}
