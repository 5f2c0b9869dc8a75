import { authorizationUrl } from "../core/authorization_url.ts";
import { checkIdToken } from "../core/id_token.ts";
import { clerkEndpoints } from "../core/issuer.ts";
import { createPkcePair, type PkcePair } from "../core/pkce.ts";
import { randomToken } from "../core/random.ts";
import { authorizationCodeRequest } from "../core/token_endpoint.ts";
import type { TokenSet } from "../core/token_set.ts";
import { type Admission, admitTokens } from "./admit_tokens.ts";
import { awaitAuthorization } from "./authorization.ts";
import { type CallbackListener, openCallbackListener } from "./callback_listener.ts";
import { confirmSession } from "./confirm_session.ts";
import type { ClientContext } from "./context.ts";
import type { LoginResult } from "./login.ts";
import { replaceSession } from "./replace_session.ts";
import { failurePage, successPage } from "./result_pages.ts";
import type { LoginMethod } from "./send_to_browser.ts";
import { revokeTokens } from "./revoke_tokens.ts";
import { requestTokens } from "./token_request.ts";

/** What a sign-in is asked for with. */
export interface SignInRequest {
  scopes: readonly string[];
  prompt: string | undefined;
  method: LoginMethod;
  admit: Admission | undefined;
  signal: AbortSignal;
}

/** One attempt: nothing of it is used twice. */
interface Attempt extends SignInRequest {
  state: string;
  /** Only an OpenID Connect request has one. */
  nonce: string | undefined;
  pkce: PkcePair;
  redirectUri: string;
}

/** Makes one attempt to sign a person in, with a listener that lives only as long. */
export async function signIn(context: ClientContext, request: SignInRequest): Promise<LoginResult> {
  const { runtime, config: { appName, callbackPorts: ports, issuer } } = context;
  const [state, pkce] = [randomToken(), await createPkcePair()];
  const nonce = request.scopes.includes("openid") ? randomToken() : undefined;
  const listener = await openCallbackListener({ runtime, ports, state, issuer });
  const { redirectUri } = listener;
  try {
    return await runAttempt(context, listener, { ...request, state, nonce, pkce, redirectUri });
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
  const { config: { appName, issuer } } = context;
  const { state, method, admit, signal } = attempt;
  const url = attemptUrl(context, attempt);
  const code = await awaitAuthorization(context, listener, {
    url,
    method,
    expected: { state, issuer },
    signal,
  });
  context.emit({ type: "code_received" });
  const { tokens, subject } = await exchangeCode(context, attempt, code);
  if (admit) await admitTokens(context, tokens, { admit, signal });
  const previous = await replaceSession(context, tokens, signal);
  const user = confirmSession(context, { tokens, subject, previous, signal });
  listener.conclude(user.then(
    (identity) => successPage(appName, identity),
    (error) => failurePage(appName, error),
  ));
  return { tokens, user: await user };
}

function attemptUrl({ config }: ClientContext, attempt: Attempt): string {
  const { redirectUri, scopes, state, nonce, pkce: { codeChallenge }, prompt } = attempt;
  return authorizationUrl(clerkEndpoints(config.issuer).authorization, {
    clientId: config.clientId,
    redirectUri,
    scopes,
    state,
    codeChallenge,
    ...(nonce && { nonce }),
    ...(prompt && { prompt }),
  });
}

async function exchangeCode(
  context: ClientContext,
  { redirectUri, pkce: { codeVerifier }, nonce, signal }: Attempt,
  code: string,
): Promise<{ tokens: TokenSet; subject: string | undefined }> {
  const { clientId, issuer } = context.config;
  const endpoint = clerkEndpoints(issuer).token;
  const request = authorizationCodeRequest(endpoint, { clientId, code, codeVerifier, redirectUri });
  const tokens = await requestTokens(context, request, { secrets: [code, codeVerifier], signal });
  try {
    return { tokens, subject: tokens.idToken && checkIdToken(tokens.idToken, { issuer, clientId, nonce }) };
  } catch (error) {
    await revokeTokens(context, tokens);
    throw error;
  }
}
