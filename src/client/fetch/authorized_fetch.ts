import { ClerkCliAuthError, isClerkCliAuthError } from "../../core/errors.ts";
import { unreachable } from "../../core/http.ts";
import { checkTokenText } from "../../core/tokens.ts";
import type { ClientContext } from "../context.ts";
import { getAccessToken, resolveToken } from "../session/access_token.ts";
import { readRecord } from "../session/record.ts";

/** A younger token is not refreshed, in milliseconds: its age is not why it was rejected. */
const MIN_AGE_MS = 60_000;

/** Calls `fetch` with the credential, if the origin may receive it. */
export async function authorizedFetch(
  context: ClientContext,
  input: string | URL | Request,
  init: RequestInit,
): Promise<Response> {
  const request = new Request(input, init);
  // Options that only this runtime's `fetch` knows (a dispatcher, a client) are not part of the request.
  const { body: _body, headers: _headers, method: _method, ...how } = init;
  const fetch = context.config.fetch ?? context.runtime.fetch;
  const reach: Send = (request, options) =>
    fetch(request, { ...how, ...options }).catch((error) => {
      throw explained(error, request);
    });

  if (!getsCredential(context, request)) return await reach(request);

  const { signal } = request;
  const { token, source } = await resolveToken(context, { signal });
  checkTokenText(token, "not_authenticated");
  const isRepeatable = canBeSentAgain(input, init);
  const spareOf = (request: Request) => isRepeatable ? request.clone() : undefined;
  const again = spareOf(request);
  const { response, isToToken } = await sendWithBearer(request, { token, send: reach, spare: again });
  if (source !== "oauth" || !isToToken) return response;
  const better = await betterToken(context, { token, response, signal });
  if (better === undefined || !again) return response;
  await response.body?.cancel();
  return (await sendWithBearer(again, { token: better, send: reach, spare: spareOf(again) })).response;
}

/** Reports whether the request goes to an allowed origin and brings no credential of its own. */
function getsCredential({ config: { apiOrigins }, emit }: ClientContext, { url, headers }: Request): boolean {
  if (apiOrigins.length === 0) {
    throw new ClerkCliAuthError("config", "Cannot send the credential: 'apiOrigins' is not configured", {
      action: "Set 'apiOrigins' or 'identityEndpoint'",
    });
  }
  if (headers.has("authorization")) return false;
  const { origin } = new URL(url);
  const isListed = apiOrigins.includes(origin);
  if (!isListed) emit({ type: "credential_withheld", origin });
  return isListed;
}

/** Explains that the backend cannot be reached. An abort is passed on unchanged. */
function explained(error: unknown, { url, signal }: Request): unknown {
  return signal.aborted || isClerkCliAuthError(error)
    ? error
    : unreachable("network", new URL(url).host, error);
}

interface Refusal {
  /** The rejected token. */
  token: string;
  response: Response;
  signal: AbortSignal;
}

/** Returns a token that may work instead; `undefined` if there is none or the token was not the problem. */
async function betterToken(
  context: ClientContext,
  { token, response, signal }: Refusal,
): Promise<string | undefined> {
  if (response.status !== 401 && response.status !== 403) return undefined;
  const challenge = readBearerChallenge(response.headers.get("www-authenticate"));
  if (challenge?.error === "invalid_token") return await newerToken(context, token, signal);
  if (challenge?.error !== "insufficient_scope") return undefined;
  const { stepUp } = await import("./step_up.ts");
  return await stepUp(context, { token, scopes: challenge.scopes, signal });
}

/** Returns the token that another process stored meanwhile, or refreshes. */
async function newerToken(
  context: ClientContext,
  refused: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const record = await readRecord(context);
  if (record?.kind !== "live") return undefined;
  const { tokens: { accessToken, refreshToken }, savedAt = 0 } = record;
  if (accessToken !== refused) return accessToken;
  if (refreshToken === undefined || context.runtime.now() - savedAt < MIN_AGE_MS) return undefined;
  try {
    return await getAccessToken(context, { forceRefresh: true, signal }) ?? undefined;
  } catch (error) {
    // The backend's response says more than a failed refresh.
    if (isClerkCliAuthError(error) && error.code !== "cancelled") return undefined;
    throw error;
  }
}

/** Sends a request; the options override the request's own. */
type Send = (request: Request, options?: { redirect: "manual" | "follow" }) => Promise<Response>;

interface BearerOptions {
  token: string;
  send: Send;
  /** A copy of the request, if its body can be sent again. */
  spare: Request | undefined;
}

/** A response, and whether it judges the token: a redirected request does not carry it. */
export interface BearerResponse {
  response: Response;
  isToToken: boolean;
}

const REDIRECTS = [301, 302, 303, 307, 308];

/** Sends a request with a bearer token (RFC 6750, section 2.1). The token does not follow redirects. */
export async function sendWithBearer(
  request: Request,
  { token, send, spare }: BearerOptions,
): Promise<BearerResponse> {
  request.headers.set("authorization", `Bearer ${token}`);
  const response = await send(request, { redirect: "manual" });
  const location = REDIRECTS.includes(response.status) ? response.headers.get("location") : null;
  if (location === null || request.redirect === "manual") return { response, isToToken: true };
  await response.body?.cancel();
  if (request.redirect === "error") {
    throw new TypeError("The response is a redirect, which the request does not allow");
  }
  const next = redirected(request, { status: response.status, url: new URL(location, request.url), spare });
  return { response: await send(next, { redirect: "follow" }), isToToken: false };
}

interface Redirect {
  status: number;
  url: URL;
  spare: Request | undefined;
}

/** Builds the redirected request without the credential (Fetch, section 4.4, "HTTP-redirect fetch"). */
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
  throw new TypeError("The response is a redirect, but the body cannot be sent again");
}

function isRead(method: string): boolean {
  return method === "GET" || method === "HEAD";
}

/** Reports whether a request's body is in memory rather than a stream that can only be read once. */
export function canBeSentAgain(input: string | URL | Request, { body }: RequestInit): boolean {
  if (body === undefined || body === null) return !(input instanceof Request) || input.body === null;
  return !(body instanceof ReadableStream) && !(Symbol.asyncIterator in Object(body));
}

/** How a backend rejected a bearer token (RFC 6750, section 3). */
export interface BearerChallenge {
  /** `invalid_request`, `invalid_token` or `insufficient_scope`; absent if the request had no token. */
  error?: string;
  /** The scopes that the request needs. */
  scopes: string[];
}

/** Anchored at the start of a name: otherwise a long name would take quadratic time. */
const PARAMETER = /(?<![A-Za-z_])([A-Za-z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g;

/** Reads the Bearer challenge in a `WWW-Authenticate` header; `undefined` if there is none. */
export function readBearerChallenge(header: string | null): BearerChallenge | undefined {
  const found = /(?:^|[\s,])Bearer(?:\s+(.*))?$/is.exec(header ?? "");
  if (!found) return undefined;
  const [, parameters = ""] = found;
  const values = new Map<string, string>();
  for (const [, name = "", quoted, token] of parameters.matchAll(PARAMETER)) {
    // Another challenge may follow with the same parameter names.
    const key = name.toLowerCase();
    if (!values.has(key)) values.set(key, quoted?.replaceAll(/\\(.)/g, "$1") ?? token ?? "");
  }
  const error = values.get("error");
  const scopes = (values.get("scope") ?? "").split(" ").filter(Boolean);
  return { ...(error && { error }), scopes };
}
