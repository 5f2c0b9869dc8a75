import { ClerkCliAuthError } from "../core/errors.ts";
import { browserPlace } from "./browser_place.ts";
import type { ClientContext } from "./context.ts";
import type { LoginTerminal } from "./login_terminal.ts";
import { openInBrowser } from "./open_browser.ts";

/**
 * How the person gets to the authorization page: `browser` opens one whatever the place looks like, `paste` opens none
 * and has the person paste the address that their browser ended at, `auto` decides by the place.
 */
export type BrowserMethod = "auto" | "browser" | "paste";

/** Where to send the person. */
export interface Destination {
  url: string;
  method: BrowserMethod;
  terminal: LoginTerminal;
  /** Aborts when the login no longer waits for the person. */
  over: AbortSignal;
}

/**
 * Shows the URL and opens it in a browser.
 *
 * @returns whether the browser ends at an address on this machine; else the person may have to bring it here.
 * @throws {ClerkCliAuthError} `no_browser` when none was, and nobody could open the URL by hand.
 */
export async function sendToBrowser(
  context: ClientContext,
  { url, method, terminal, over }: Destination,
): Promise<boolean> {
  terminal.showUrl(url);
  const failure = await browserFailure(context, { url, method, over });
  context.emit({ type: "browser", opened: !failure, ...(failure && { reason: failure.reason }) });
  if (!failure) {
    if (!over.aborted) terminal.showOpened();
    return !mayBeElsewhere(context);
  }
  if (!canOpenByHand(context)) throw noBrowser(context, failure);
  if (!over.aborted) terminal.warn(`No browser was opened: ${failure.reason}. Open the address above.`);
  return false;
}

interface BrowserFailure {
  reason: string;
  cause?: unknown;
}

async function browserFailure(
  { config, runtime }: ClientContext,
  { url, method, over }: Omit<Destination, "terminal">,
): Promise<BrowserFailure | undefined> {
  if (method === "paste") return { reason: "none was asked for" };
  if (config.openBrowser) {
    try {
      return await config.openBrowser(url) === false ? { reason: "the opener opened none" } : undefined;
    } catch (cause) {
      return { reason: "the opener failed", cause };
    }
  }
  const place = browserPlace(runtime);
  if (method === "auto" && !place.reachable) return { reason: place.reason };
  return await openInBrowser(runtime, url, over) ? undefined : { reason: "no launcher worked" };
}

/** Whether the browser that was opened may be on another machine: only of the system's is that known. */
function mayBeElsewhere({ config, runtime }: ClientContext): boolean {
  if (config.openBrowser) return false;
  const place = browserPlace(runtime);
  return place.reachable && place.isElsewhere === true;
}

/** Whether the person gets to see the URL. */
function canOpenByHand({ config, runtime }: ClientContext): boolean {
  const isShown = config.ui === "auto" || config.onEvent !== undefined;
  return isShown && runtime.terminal.isInteractive("stderr");
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
