import {
  authorizationUrl,
  type CallbackExpectation,
  parsePastedResponse,
  type PkcePair,
  readCallback,
} from "../../core/authorization.ts";
import { ClerkCliAuthError } from "../../core/errors.ts";
import type { IssuerMetadata } from "../../core/issuer.ts";
import { stopSignal, unlessAborted } from "../../core/time.ts";
import { authorizationCodeRequest } from "../../core/token_endpoint.ts";
import type { TokenSet } from "../../core/tokens.ts";
import type { Terminal } from "../../runtime/runtime.ts";
import type { ClientContext } from "../context.ts";
import { requestTokens } from "../issuer/requests.ts";
import { browserChoice, type BrowserMethod, sendToBrowser } from "./browser.ts";
import type { CallbackListener } from "./callback_server.ts";
import { type LoginTerminal, loginTerminal, nobodySignedIn } from "./terminal.ts";

/** One attempt to sign a user in with a browser. Nothing in it is used twice. */
interface Attempt {
  scopes: readonly string[];
  prompt: string | undefined;
  method: BrowserMethod;
  metadata: IssuerMetadata;
  state: string;
  /** Only for OpenID Connect requests. */
  nonce: string | undefined;
  pkce: PkcePair;
  signal: AbortSignal;
}

/**
 * Sends the user to the authorization URL and waits for the authorization code. The listener receives it; if
 * no browser opened, the user pastes it. The browser only opens while the listener waits.
 *
 * @throws {ClerkCliAuthError} `timeout`, `cancelled`, `no_browser`, `state_mismatch` or the error in the
 * authorization response; `config` if the response mode is not possible.
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
    over.abort("over"); // A default reason would capture a stack trace.
  }
}

/**
 * Checks that an authorization response can be posted: the issuer supports it, and the browser is on this
 * machine. A user elsewhere would have to paste it, but a posted response is in no URL.
 *
 * @throws {ClerkCliAuthError} `config` if it cannot.
 */
export function checkFormPost(
  context: ClientContext,
  { offersFormPost }: IssuerMetadata,
  method: BrowserMethod,
): void {
  if (context.config.responseMode !== "form_post") return;
  if (!offersFormPost) {
    throw new ClerkCliAuthError("config", "The issuer does not support the response mode 'form_post'", {
      action: "Leave 'responseMode' out",
    });
  }
  if (browserChoice(context, method) === "here") return;
  throw new ClerkCliAuthError("config", "'responseMode: \"form_post\"' needs a browser on this machine", {
    action: "Sign in on a machine with a browser, or omit 'responseMode'",
  });
}

/** Builds the URL where the user signs in. */
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

/** Opens the browser. If that fails, the user may paste the response. Stays pending if the listener receives it. */
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

/** How many responses to other sign-ins may be pasted before the login fails. */
const MAX_FOREIGN_PASTES = 5;

const EXPLANATION = [
  "If your browser ends up on a page that it cannot open, paste the URL of",
  "that page here and press Enter. It stays hidden. Never send it to anyone:",
  "it lets them sign in as you.",
];
const WAITING = "Waiting for you to sign in, or to paste the URL";
const NEITHER = "That is neither a URL nor CODE#STATE.";
const FOREIGN = "That belongs to another sign-in: paste the URL that the one above led to.";

/** Where the user pastes. */
interface PastePlace {
  terminal: LoginTerminal;
  readLine: Terminal["readLine"];
}

/**
 * Asks the user to paste the URL that the browser ended up on, or `code#state`, until it matches this
 * attempt. The input is never shown. At the end of input it stays pending, because the listener may still get
 * the response.
 *
 * @returns The authorization code.
 * @throws {ClerkCliAuthError} The error in the authorization response; `state_mismatch` after too many
 * responses to other sign-ins.
 */
async function askForPaste(
  { terminal, readLine }: PastePlace,
  expected: CallbackExpectation,
  signal: AbortSignal,
): Promise<string> {
  let foreignPastes = 0;
  let say = () => {
    terminal.explain(EXPLANATION);
    terminal.showWaiting(WAITING);
  };
  for (;;) {
    const reading = readLine({ hidden: true, signal }); // Before the prompt, so that early input stays hidden, too.
    say();
    const line = await reading;
    if (line === null) return await new Promise<never>(() => {});
    const parameters = parsePastedResponse(line);
    const outcome = parameters && readCallback(parameters, expected);
    if (outcome?.kind === "code") return outcome.code;
    if (outcome?.kind === "failure") throw outcome.error;
    if (outcome && ++foreignPastes === MAX_FOREIGN_PASTES) throw stateMismatch();
    say = () => terminal.warn(outcome ? FOREIGN : NEITHER);
  }
}

function stateMismatch(): ClerkCliAuthError {
  return new ClerkCliAuthError("state_mismatch", "The URL that you pasted belongs to another sign-in", {
    action: "Start the login again and use the address that it shows",
  });
}

function timedOut({ strayError }: CallbackListener, timeoutMs: number): ClerkCliAuthError {
  return nobodySignedIn(timeoutMs, strayError && `; a response without the state said "${strayError}"`);
}

/** The parameters of an authorization code exchange. */
interface CodeExchange extends Pick<Attempt, "metadata" | "signal"> {
  code: string;
  codeVerifier: string;
}

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
