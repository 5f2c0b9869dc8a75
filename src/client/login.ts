import { authorizationUrl } from "../core/authorization_url.ts";
import { checkIdToken } from "../core/id_token.ts";
import type { UserIdentity } from "../core/identity.ts";
import { clerkEndpoints } from "../core/issuer.ts";
import { createPkcePair, type PkcePair } from "../core/pkce.ts";
import { randomToken } from "../core/random.ts";
import { authorizationCodeRequest } from "../core/token_endpoint.ts";
import type { TokenSet } from "../core/token_set.ts";
import { awaitAuthorization } from "./authorization.ts";
import { type CallbackListener, openCallbackListener } from "./callback_listener.ts";
import { parseScopes } from "./config.ts";
import { confirmSession } from "./confirm_session.ts";
import type { ClientContext } from "./context.ts";
import { interruptible } from "./interruptible.ts";
import { oneLogin } from "./one_login.ts";
import { replaceSession } from "./replace_session.ts";
import { failurePage, successPage } from "./result_pages.ts";
import { requestTokens } from "./token_request.ts";

/** How a login differs from the configuration. */
export interface LoginOptions {
  /** Gives the login up: the port is closed and nothing is stored. */
  signal?: AbortSignal;
  /**
   * The scopes to ask for.
   * @default the configuration's
   */
  scopes?: readonly string[];
  /** What the issuer shall show (OpenID Connect Core 1.0, section 3.1.2.1). */
  prompt?: "none" | "login" | "consent";
  /**
   * Waits for a login that another process has under way for the same record, and adopts its result where the scopes
   * are included, instead of opening another page. For helpers that sign in on demand.
   * @default false
   */
  join?: boolean;
}

/** What a login yields. */
export interface LoginResult {
  /** The tokens, as they are stored. */
  tokens: TokenSet;
  /** Who signed in. */
  user: UserIdentity;
}

/** What one attempt is made of: nothing of it is used twice. */
interface Attempt {
  state: string;
  nonce: string;
  pkce: PkcePair;
  scopes: readonly string[];
}

interface SignIn {
  scopes: readonly string[];
  prompt: LoginOptions["prompt"];
  signal: AbortSignal;
}

/** Signs a person in with the browser: authorization code flow with PKCE, loopback redirect (RFC 8252). */
export async function login(context: ClientContext, options: LoginOptions = {}): Promise<LoginResult> {
  const scopes = parseScopes(options.scopes ?? context.config.scopes);
  const { join = false, prompt } = options;
  return await interruptible(
    context.runtime,
    options.signal,
    (signal) =>
      oneLogin(context, { scopes, join, signal }, () => signIn(context, { scopes, prompt, signal })),
  );
}

async function signIn(context: ClientContext, { scopes, prompt, signal }: SignIn): Promise<LoginResult> {
  const attempt = { state: randomToken(), nonce: randomToken(), pkce: await createPkcePair(), scopes };
  const { runtime, config: { callbackPorts: ports, issuer } } = context;
  const listener = await openCallbackListener({ runtime, ports, state: attempt.state, issuer });
  try {
    return await runAttempt(context, listener, { ...attempt, prompt, signal });
  } catch (error) {
    listener.conclude(Promise.resolve(failurePage(context.config.appName, error)));
    throw error;
  } finally {
    await listener.close();
  }
}

async function runAttempt(
  context: ClientContext,
  listener: CallbackListener,
  { signal, prompt, ...attempt }: Attempt & SignIn,
): Promise<LoginResult> {
  const { config } = context;
  const { redirectUri } = listener;
  const url = authorizationUrl(clerkEndpoints(config.issuer).authorization, {
    clientId: config.clientId,
    redirectUri,
    scopes: attempt.scopes,
    state: attempt.state,
    codeChallenge: attempt.pkce.codeChallenge,
    ...(attempt.scopes.includes("openid") && { nonce: attempt.nonce }),
    ...(prompt && { prompt }),
  });
  const code = await awaitAuthorization(context, listener, { url, signal });
  context.emit({ type: "code_received" });
  const { tokens, subject } = await exchangeCode(context, { ...attempt, code, redirectUri, signal });
  const previous = await replaceSession(context, tokens, signal);
  const user = confirmSession(context, { tokens, subject, previous, signal });
  listener.conclude(user.then(
    (identity) => successPage(config.appName, identity),
    (error) => failurePage(config.appName, error),
  ));
  return { tokens, user: await user };
}

async function exchangeCode(
  context: ClientContext,
  { code, redirectUri, pkce, nonce, signal }: Attempt & {
    code: string;
    redirectUri: string;
    signal: AbortSignal;
  },
): Promise<{ tokens: TokenSet; subject: string | undefined }> {
  const { clientId, issuer } = context.config;
  const { codeVerifier } = pkce;
  const request = authorizationCodeRequest(clerkEndpoints(issuer).token, {
    clientId,
    code,
    codeVerifier,
    redirectUri,
  });
  const tokens = await requestTokens(context, request, { secrets: [code, codeVerifier], signal });
  return { tokens, subject: tokens.idToken && checkIdToken(tokens.idToken, { issuer, clientId, nonce }) };
}
