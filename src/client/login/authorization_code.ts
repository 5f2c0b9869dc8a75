import {
  authorizationUrl,
  type CallbackExpectation,
  createPkcePair,
  type PkcePair,
} from "../../core/authorization.ts";
import { randomToken } from "../../core/encoding.ts";
import { ClerkCliAuthError } from "../../core/errors.ts";
import type { IssuerMetadata } from "../../core/issuer.ts";
import { authorizationCodeRequest } from "../../core/token_endpoint.ts";
import type { TokenSet } from "../../core/tokens.ts";
import type { ClientContext } from "../context.ts";
import { issuerMetadata } from "../issuer/endpoints.ts";
import { requestTokens } from "../issuer/requests.ts";
import { type Admission, keepTokens } from "./accept_tokens.ts";
import { browserChoice, type BrowserMethod, sendToBrowser } from "./browser.ts";
import { failurePage, successPage } from "./callback_pages.ts";
import { type CallbackListener, openCallbackListener } from "./callback_server.ts";
import type { LoginResult } from "./login.ts";
import { askForPaste } from "./paste.ts";
import { loginTerminal, nobodySignedIn } from "./terminal.ts";

/** What the person is asked to visit, and what must come of it. */
export interface AuthorizationWait {
  url: string;
  method: BrowserMethod;
  /** Whether the response stands in an address, which can be pasted. */
  canPaste: boolean;
  expected: CallbackExpectation;
  signal: AbortSignal;
}

/**
 * Sends the person to the authorization URL and waits for the authorization code: the listener gets it, or, where no
 * browser was opened, the person pastes it. The opening of the browser runs beside the listener, never before it.
 *
 * @throws {ClerkCliAuthError} `timeout`, `cancelled`, `no_browser`, `state_mismatch`, or what the authorization response
 * says.
 */
export async function awaitAuthorization(
  context: ClientContext,
  listener: CallbackListener,
  wait: AuthorizationWait,
): Promise<string> {
  const { config: { loginTimeoutMs: timeoutMs }, emit } = context;
  wait.signal.throwIfAborted();
  emit({ type: "authorize_url", url: wait.url, redirectUri: listener.redirectUri });
  const over = new AbortController();
  try {
    const byHand = codeByHand(context, wait, over.signal);
    emit({ type: "waiting", timeoutMs });
    const givenUp = giveUp(listener, { timeoutMs, signal: wait.signal, over: over.signal });
    return await Promise.race([listener.authorizationCode, byHand, givenUp]);
  } finally {
    over.abort("over"); // Without a reason one is made, with a stack.
  }
}

/** Opens the browser; where that fails, the person may paste the answer. Stays pending where the listener gets it. */
async function codeByHand(
  context: ClientContext,
  { url, method, canPaste, expected }: AuthorizationWait,
  over: AbortSignal,
): Promise<string> {
  const { config, runtime } = context;
  const terminal = loginTerminal(context);
  over.addEventListener("abort", () => terminal.close(), { once: true });
  const comesHere = await sendToBrowser(context, { url, method, terminal, over });
  const hasPrompt = config.ui === "auto" && runtime.terminal.isInteractive("stdin");
  if (comesHere || !canPaste || !hasPrompt || over.aborted) return await new Promise<never>(() => {});
  return await askForPaste({ terminal, readLine: runtime.terminal.readLine }, expected, over);
}

interface Limits {
  timeoutMs: number;
  signal: AbortSignal;
  /** Aborts when the waiting is over. */
  over: AbortSignal;
}

function giveUp(listener: CallbackListener, { timeoutMs, signal, over }: Limits): Promise<never> {
  return new Promise((_, reject) => {
    const timer = setTimeout(() => reject(timedOut(listener, timeoutMs)), timeoutMs);
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort(); // By what the program's own opener or listener of events did, perhaps.
    signal.addEventListener("abort", onAbort, { once: true });
    over.addEventListener("abort", () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    }, { once: true });
  });
}

function timedOut({ strayError }: CallbackListener, timeoutMs: number): ClerkCliAuthError {
  return nobodySignedIn(timeoutMs, strayError && `; an answer without the state said "${strayError}"`);
}

/**
 * Checks that an authorization response can be posted to the listener: the issuer offers it, and the browser is on this
 * machine. From elsewhere it could only be pasted, and a posted one stands in no address.
 *
 * @throws {ClerkCliAuthError} `config` when it cannot.
 */
export function checkFormPost(
  context: ClientContext,
  { offersFormPost }: IssuerMetadata,
  method: BrowserMethod,
): void {
  if (!offersFormPost) {
    throw new ClerkCliAuthError("config", "The issuer does not offer 'form_post' as response mode", {
      action: "Leave 'responseMode' out",
    });
  }
  if (browserChoice(context, method) === "here") return;
  throw new ClerkCliAuthError("config", "'responseMode: \"form_post\"' needs a browser on this machine", {
    action: "Sign in where a browser is at hand, or leave 'responseMode' out",
  });
}

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
