import { authorizationUrl, type CallbackExpectation, type PkcePair } from "../../core/authorization.ts";
import { ClerkCliAuthError } from "../../core/errors.ts";
import type { IssuerMetadata } from "../../core/issuer.ts";
import { stopSignal, unlessAborted } from "../../core/time.ts";
import { authorizationCodeRequest } from "../../core/token_endpoint.ts";
import type { TokenSet } from "../../core/tokens.ts";
import type { ClientContext } from "../context.ts";
import { requestTokens } from "../issuer/requests.ts";
import { browserChoice, type BrowserMethod, sendToBrowser } from "./browser.ts";
import type { CallbackListener } from "./callback_server.ts";
import { askForPaste } from "./paste.ts";
import { loginTerminal, nobodySignedIn } from "./terminal.ts";

/** One attempt to sign a person in with a browser: nothing of it is used twice. */
interface Attempt {
  scopes: readonly string[];
  prompt: string | undefined;
  method: BrowserMethod;
  metadata: IssuerMetadata;
  state: string;
  /** Only an OpenID Connect request has one. */
  nonce: string | undefined;
  pkce: PkcePair;
  signal: AbortSignal;
}

/**
 * Sends the person to the authorization URL and waits for the authorization code: the listener gets it, or, if no
 * browser was opened, the person pastes it. The browser opens while the listener waits, never before.
 *
 * @throws {ClerkCliAuthError} `timeout`, `cancelled`, `no_browser`, `state_mismatch`, or what the authorization
 * response says; `config` if the response mode is not possible.
 */
export async function awaitAuthorizationCode(
  context: ClientContext,
  listener: CallbackListener,
  attempt: Attempt,
): Promise<string> {
  const { config: { loginTimeoutMs: timeoutMs }, emit } = context;
  const { metadata, method, signal } = attempt;
  checkFormPost(context, metadata, method);
  if (metadata.namesItself) listener.requireIssuer();
  signal.throwIfAborted();
  const url = attemptUrl(context, listener, attempt);
  emit({ type: "authorize_url", url, redirectUri: listener.redirectUri });
  const over = new AbortController();
  const stop = stopSignal({ signal, timeoutMs, timedOut: () => timedOut(listener, timeoutMs) });
  try {
    const byHand = codeByHand(context, { ...attempt, url }, over.signal);
    emit({ type: "waiting", timeoutMs });
    return await unlessAborted(Promise.race([listener.authorizationCode, byHand]), stop.signal);
  } finally {
    stop.release();
    over.abort("over"); // Without a reason one is made, with a stack.
  }
}

/**
 * Checks that an authorization response that is to be posted can be: the issuer offers it, and the browser is on this
 * machine. From elsewhere it could only be pasted, and a posted one is in no URL.
 *
 * @throws {ClerkCliAuthError} `config` when it cannot.
 */
export function checkFormPost(
  context: ClientContext,
  { offersFormPost }: IssuerMetadata,
  method: BrowserMethod,
): void {
  if (context.config.responseMode !== "form_post") return;
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

/** The URL that the person signs in at. */
export function attemptUrl(
  { config }: ClientContext,
  { redirectUri }: Pick<CallbackListener, "redirectUri">,
  attempt: Omit<Attempt, "method" | "signal">,
): string {
  const { metadata, scopes, state, nonce, pkce: { codeChallenge }, prompt } = attempt;
  return authorizationUrl(metadata.endpoints.authorization, {
    clientId: config.clientId,
    redirectUri,
    scopes,
    state,
    codeChallenge,
    ...(config.responseMode === "form_post" && { responseMode: config.responseMode }),
    ...(nonce && { nonce }),
    ...(prompt && { prompt }),
    ...(config.resource && { resource: config.resource }),
  });
}

/** Opens the browser; if that fails, the person may paste the response. Stays pending if the listener gets it. */
async function codeByHand(
  context: ClientContext,
  { url, method, state, metadata }: Attempt & { url: string },
  over: AbortSignal,
): Promise<string> {
  const { config, runtime } = context;
  const terminal = loginTerminal(context);
  over.addEventListener("abort", () => terminal.close(), { once: true });
  const canPaste = config.responseMode === "query"; // A posted response is in no URL.
  const comesHere = await sendToBrowser(context, { url, method, terminal, over });
  const hasPrompt = config.ui === "auto" && runtime.terminal.isInteractive("stdin");
  if (comesHere || !canPaste || !hasPrompt || over.aborted) return await new Promise<never>(() => {});
  const { issuer } = config;
  const expected: CallbackExpectation = { state, issuer, requiresIssuer: metadata.namesItself };
  return await askForPaste({ terminal, readLine: runtime.terminal.readLine }, expected, over);
}

function timedOut({ strayError }: CallbackListener, timeoutMs: number): ClerkCliAuthError {
  return nobodySignedIn(timeoutMs, strayError && `; an answer without the state said "${strayError}"`);
}

/** What an authorization code is exchanged with. */
interface CodeExchange extends Pick<Attempt, "metadata" | "signal"> {
  code: string;
  codeVerifier: string;
}

/** Exchanges the authorization code for tokens. */
export async function exchangeCode(
  context: ClientContext,
  { redirectUri }: Pick<CallbackListener, "redirectUri">,
  { metadata, codeVerifier, signal, code }: CodeExchange,
): Promise<TokenSet> {
  const { clientId, resource } = context.config;
  const { token } = metadata.endpoints;
  const request = authorizationCodeRequest(token, { clientId, code, codeVerifier, redirectUri, resource });
  return await requestTokens(context, request, { secrets: [code, codeVerifier], signal });
}
