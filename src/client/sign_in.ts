import { authorizationUrl } from "../core/authorization_url.ts";
import type { IssuerMetadata } from "../core/metadata.ts";
import { createPkcePair, type PkcePair } from "../core/pkce.ts";
import { randomToken } from "../core/random.ts";
import { authorizationCodeRequest } from "../core/token_endpoint.ts";
import type { TokenSet } from "../core/token_set.ts";
import type { Admission } from "./admit_tokens.ts";
import { awaitAuthorization } from "./authorization.ts";
import { type CallbackListener, openCallbackListener } from "./callback_listener.ts";
import type { ClientContext } from "./context.ts";
import { issuerMetadata } from "./issuer_metadata.ts";
import { keepTokens } from "./keep_tokens.ts";
import type { LoginResult } from "./login.ts";
import { failurePage, successPage } from "./result_pages.ts";
import type { BrowserMethod } from "./send_to_browser.ts";
import { requestTokens } from "./token_request.ts";

/** What a sign-in is asked for with. */
export interface SignInRequest {
  scopes: readonly string[];
  prompt: string | undefined;
  method: BrowserMethod;
  admit: Admission | undefined;
  signal: AbortSignal;
}

/** One attempt: nothing of it is used twice. */
interface Attempt extends SignInRequest {
  metadata: IssuerMetadata;
  state: string;
  /** Only an OpenID Connect request has one. */
  nonce: string | undefined;
  pkce: PkcePair;
  redirectUri: string;
}

/** Makes one attempt to sign a person in, with a listener that lives only as long. */
export async function signIn(context: ClientContext, request: SignInRequest): Promise<LoginResult> {
  const { runtime, config: { appName, callbackPorts: ports, issuer, responseMode, page } } = context;
  // Both while the listener starts, and waited for below unless it cannot.
  const created = createPkcePair();
  const found = issuerMetadata(context, { signal: request.signal });
  found.catch(() => {});
  const state = randomToken();
  const nonce = request.scopes.includes("openid") ? randomToken() : undefined;
  const listener = await openCallbackListener({ runtime, ports, state, issuer, responseMode, page });
  const { redirectUri } = listener;
  try {
    const [metadata, pkce] = [await found, await created];
    return await runAttempt(context, listener, { ...request, metadata, state, nonce, pkce, redirectUri });
  } catch (error) {
    listener.conclude(Promise.resolve(failurePage(appName, error)));
    throw error;
  } finally {
    await listener.close();
  }
}

async function runAttempt(
  context: ClientContext,
  listener: CallbackListener,
  attempt: Attempt,
): Promise<LoginResult> {
  const { config: { appName } } = context;
  const code = await awaitCode(context, listener, attempt);
  context.emit({ type: "code_received" });
  const { tokens, user } = await keepTokens(context, await exchangeCode(context, attempt, code), attempt);
  listener.conclude(user.then(
    (identity) => successPage(appName, identity),
    (error) => failurePage(appName, error),
  ));
  return { tokens, user: await user };
}

async function awaitCode(
  context: ClientContext,
  listener: CallbackListener,
  attempt: Attempt,
): Promise<string> {
  const { config: { issuer, responseMode } } = context;
  const { metadata, state, method, signal } = attempt;
  if (responseMode === "form_post") {
    const { checkFormPost } = await import("./check_form_post.ts");
    checkFormPost(context, metadata, method);
  }
  if (metadata.namesItself) listener.requireIssuer();
  return await awaitAuthorization(context, listener, {
    url: attemptUrl(context, attempt),
    method,
    canPaste: responseMode === "query",
    expected: { state, issuer, requiresIssuer: metadata.namesItself },
    signal,
  });
}

function attemptUrl({ config }: ClientContext, attempt: Attempt): string {
  const { metadata, redirectUri, scopes, state, nonce, pkce: { codeChallenge }, prompt } = attempt;
  return authorizationUrl(metadata.endpoints.authorization, {
    clientId: config.clientId,
    redirectUri,
    scopes,
    state,
    codeChallenge,
    ...(config.responseMode === "form_post" && { responseMode: config.responseMode }),
    ...(nonce && { nonce }),
    ...(prompt && { prompt }),
  });
}

async function exchangeCode(
  context: ClientContext,
  { metadata, redirectUri, pkce: { codeVerifier }, signal }: Attempt,
  code: string,
): Promise<TokenSet> {
  const { clientId } = context.config;
  const { token } = metadata.endpoints;
  const request = authorizationCodeRequest(token, { clientId, code, codeVerifier, redirectUri });
  return await requestTokens(context, request, { secrets: [code, codeVerifier], signal });
}
