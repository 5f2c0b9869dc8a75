import { ClerkCliAuthError } from "../core/errors.ts";
import { browserPlace } from "./browser_place.ts";
import type { CallbackListener } from "./callback_listener.ts";
import type { ClientContext } from "./context.ts";
import { loginTerminal } from "./login_terminal.ts";
import { openInBrowser } from "./open_browser.ts";

/** What the person is asked to visit, and how long it is worth waiting for. */
export interface AuthorizationWait {
  url: string;
  signal: AbortSignal;
}

/**
 * Sends the person to the authorization URL and waits for the authorization code. The opening of the browser runs
 * beside the listener, never before it.
 *
 * @throws {ClerkCliAuthError} `timeout`, `cancelled`, `no_browser`, or what the authorization response says.
 */
export async function awaitAuthorization(
  context: ClientContext,
  listener: CallbackListener,
  { url, signal }: AuthorizationWait,
): Promise<string> {
  const { config: { loginTimeoutMs: timeoutMs }, emit } = context;
  emit({ type: "authorize_url", url, redirectUri: listener.redirectUri });
  let isOver = false;
  const { promise: givenUp, clear } = deadline(listener, { timeoutMs, signal });
  try {
    const nobody = sendToBrowser(context, url, () => isOver);
    emit({ type: "waiting", timeoutMs });
    return await Promise.race([listener.authorizationCode, givenUp, nobody]);
  } finally {
    isOver = true;
    clear();
  }
}

function deadline(
  listener: CallbackListener,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): { promise: Promise<never>; clear(): void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let onAbort!: () => void;
  const promise = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(timedOut(timeoutMs, listener.strayError)), timeoutMs);
    onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
  });
  return {
    promise,
    clear: () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    },
  };
}

/** Opens the browser; rejects when there is none and nobody could open the URL by hand, else stays pending. */
async function sendToBrowser(context: ClientContext, url: string, isOver: () => boolean): Promise<never> {
  const terminal = loginTerminal(context);
  terminal.showUrl(url);
  const failure = await browserFailure(context, url);
  context.emit({ type: "browser", opened: !failure, ...(failure && { reason: failure.reason }) });
  if (failure && !isOver()) {
    if (!canOpenByHand(context)) throw noBrowser(context, failure);
    terminal.showBrowserFailure(failure.reason);
  }
  return await new Promise<never>(() => {});
}

/** Whether the person gets to see the URL. */
function canOpenByHand({ config, runtime }: ClientContext): boolean {
  const isShown = config.ui === "auto" || config.onEvent !== undefined;
  return isShown && runtime.terminal.isInteractive("stderr");
}

interface BrowserFailure {
  reason: string;
  cause?: unknown;
}

async function browserFailure(
  { config, runtime }: ClientContext,
  url: string,
): Promise<BrowserFailure | undefined> {
  if (config.openBrowser) {
    try {
      return await config.openBrowser(url) === false ? { reason: "the opener opened none" } : undefined;
    } catch (cause) {
      return { reason: "the opener failed", cause };
    }
  }
  const place = browserPlace(runtime);
  if (!place.reachable) return { reason: place.reason };
  return await openInBrowser(runtime, url) ? undefined : { reason: "no launcher worked" };
}

function noBrowser(
  { config: { tokenEnvVar } }: ClientContext,
  { reason, cause }: BrowserFailure,
): ClerkCliAuthError {
  return new ClerkCliAuthError("no_browser", `No browser can be opened here: ${reason}`, {
    action: tokenEnvVar
      ? `Set ${tokenEnvVar} to an API key`
      : "Sign in where a browser or a terminal is at hand",
    cause,
  });
}

function timedOut(timeoutMs: number, strayError: string | undefined): ClerkCliAuthError {
  const stray = strayError ? `; an answer without the state said "${strayError}"` : "";
  return new ClerkCliAuthError("timeout", `Nobody signed in within ${timeoutMs} ms${stray}`, {
    action: "Start the login again",
    retryable: true,
  });
}
