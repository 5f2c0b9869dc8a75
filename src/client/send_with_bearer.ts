/** Sends a request; the options win over what it says itself. */
export type Send = (request: Request, options?: { redirect: "manual" | "follow" }) => Promise<Response>;

/** How a request with a bearer token is sent. */
export interface BearerOptions {
  token: string;
  send: Send;
  /** The same request, where its body can be sent again. */
  spare: Request | undefined;
}

/** An answer, and whether it is one to the token: where a redirect leads it is not sent. */
export interface BearerAnswer {
  response: Response;
  isToToken: boolean;
}

const REDIRECTS = [301, 302, 303, 307, 308];

/** Sends a request with a bearer token (RFC 6750, section 2.1), which stays behind when the answer leads elsewhere. */
export async function sendWithBearer(
  request: Request,
  { token, send, spare }: BearerOptions,
): Promise<BearerAnswer> {
  request.headers.set("authorization", `Bearer ${token}`);
  const response = await send(request, { redirect: "manual" });
  const location = REDIRECTS.includes(response.status) ? response.headers.get("location") : null;
  if (location === null || request.redirect === "manual") return { response, isToToken: true };
  await response.body?.cancel();
  if (request.redirect === "error") throw new TypeError("The answer is a redirect, which was not wanted");
  const next = redirected(request, { status: response.status, url: new URL(location, request.url), spare });
  return { response: await send(next, { redirect: "follow" }), isToToken: false };
}

interface Redirect {
  status: number;
  url: URL;
  spare: Request | undefined;
}

/** The request to the new address, without the credential (Fetch, section 4.4, "HTTP-redirect fetch"). */
function redirected(request: Request, { status, url, spare }: Redirect): Request {
  const { method, signal } = request;
  const headers = new Headers(request.headers);
  headers.delete("authorization");
  if (status === 303 ? !isRead(method) : status <= 302 && method === "POST") {
    for (const name of ["encoding", "language", "location", "type"]) headers.delete(`content-${name}`);
    return new Request(url, { headers, signal });
  }
  if (isRead(method)) return new Request(url, { method, headers, signal });
  if (spare) return new Request(url, spare);
  throw new TypeError("The answer is a redirect, and the body cannot be sent again");
}

function isRead(method: string): boolean {
  return method === "GET" || method === "HEAD";
}

/** Whether the body of a request is in memory, and not a stream that is gone once it was read. */
export function canBeSentAgain(input: string | URL | Request, { body }: RequestInit): boolean {
  if (body === undefined || body === null) return !(input instanceof Request) || input.body === null;
  return !(body instanceof ReadableStream) && !(Symbol.asyncIterator in Object(body));
}
