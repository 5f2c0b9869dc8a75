import type { CallbackExpectation } from "../core/callback.ts";
import type { ClerkCliAuthError } from "../core/errors.ts";
import type { CallbackListener } from "./callback_listener.ts";
import type { ClientContext } from "./context.ts";
import { loginTerminal } from "./login_terminal.ts";
import { nobodySignedIn } from "./nobody_signed_in.ts";
import { askForPaste } from "./paste.ts";
import { type BrowserMethod, sendToBrowser } from "./send_to_browser.ts";

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
