import { type CallbackExpectation, parsePastedResponse, readCallback } from "../../core/authorization.ts";
import { ClerkCliAuthError } from "../../core/errors.ts";
import type { Terminal } from "../../runtime/runtime.ts";
import type { LoginTerminal } from "./terminal.ts";

/** How many answers to another sign-in may be pasted before the login is given up. */
const MAX_FOREIGN_PASTES = 5;

const EXPLANATION = [
  "If your browser ends up on a page that it cannot open, paste the URL of",
  "that page here and press Enter. It stays hidden. Never send it to anyone:",
  "it lets them sign in as you.",
];
const WAITING = "Waiting for you to sign in, or to paste the URL";
const NEITHER = "That is neither a URL nor CODE#STATE.";
const FOREIGN = "That belongs to another sign-in: paste the URL that the address above led to.";

/** Where a person pastes. */
interface PastePlace {
  terminal: LoginTerminal;
  readLine: Terminal["readLine"];
}

/**
 * Has the person paste the address that the browser ended at, or `code#state`, until it is the answer to this attempt.
 * What is pasted is never shown. At the end of input it stays pending: the listener may still get the answer.
 *
 * @returns the authorization code.
 * @throws {ClerkCliAuthError} what the authorization response says; `state_mismatch` after several answers to another
 * sign-in.
 */
export async function askForPaste(
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
    const reading = readLine({ hidden: true, signal }); // First: what is typed in answer stays hidden, too.
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
