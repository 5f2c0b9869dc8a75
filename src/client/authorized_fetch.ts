import { readBearerChallenge } from "../core/bearer_challenge.ts";
import { checkTokenText } from "../core/check_token_text.ts";
import { isClerkCliAuthError } from "../core/errors.ts";
import { getAccessToken } from "./access_token.ts";
import type { ClientContext } from "./context.ts";
import { resolveToken } from "./credential_choice.ts";
import { canBeSentAgain, type Send, sendWithBearer } from "./send_with_bearer.ts";
import { readRecord } from "./session_record.ts";

/** How old a token must be that a refresh replaces, in milliseconds: a younger one would not be refused for its age. */
const MIN_AGE_MS = 60_000;

/** `fetch` with the credential, for the origins that may get it. */
export async function authorizedFetch(
  context: ClientContext,
  input: string | URL | Request,
  init: RequestInit,
): Promise<Response> {
  const request = new Request(input, init);
  // What only this runtime's `fetch` knows (a dispatcher, a client) is not in the request.
  const { body: _body, headers: _headers, method: _method, ...how } = init;
  const fetch = context.config.fetch ?? globalThis.fetch;
  const send: Send = (request, options) => fetch(request, { ...how, ...options });
  if (!getsCredential(context, request)) return await send(request);

  const { signal } = request;
  const { token, source } = await resolveToken(context, { signal });
  checkTokenText(token, "not_authenticated");
  const isRepeatable = canBeSentAgain(input, init);
  const spareOf = (request: Request) => isRepeatable ? request.clone() : undefined;
  const again = spareOf(request);
  const { response, isToToken } = await sendWithBearer(request, { token, send, spare: again });
  if (source !== "oauth" || !isToToken) return response;
  const better = await betterToken(context, { token, response, signal });
  if (better === undefined || !again) return response;
  await response.body?.cancel();
  return (await sendWithBearer(again, { token: better, send, spare: spareOf(again) })).response;
}

/** Whether the request goes where the credential may go, and brings none of its own. */
function getsCredential({ config }: ClientContext, { url, headers }: Request): boolean {
  return config.apiOrigins.includes(new URL(url).origin) && !headers.has("authorization");
}

interface Refusal {
  /** The token that the request was sent with. */
  token: string;
  response: Response;
  signal: AbortSignal;
}

/** A token that may do where this one did not; `undefined` when there is none, or the answer was no such refusal. */
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

/** What another process has stored meanwhile, else the result of a refresh. */
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
    // The backend's answer tells more than a refresh that failed for now.
    if (isClerkCliAuthError(error) && error.code !== "cancelled") return undefined;
    throw error;
  }
}
