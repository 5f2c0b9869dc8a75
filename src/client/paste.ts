import { type CallbackExpectation, readCallback } from "../core/callback.ts";
import { ClerkCliAuthError } from "../core/errors.ts";
import { parsePastedResponse } from "../core/pasted_response.ts";
import type { Terminal } from "../runtime/runtime.ts";

/** How many answers to another sign-in may be pasted before the login is given up. */
const MAX_FOREIGN_PASTES = 5;

const PROMPT =
  `If the browser is on another machine, it ends at an address that it cannot open. Paste that address here
(it stays hidden) and press Enter. Never send it to anyone: it lets them sign in as you.
> `;
const NEITHER = "That is neither an address nor CODE#STATE.";
const FOREIGN =
  "That is the answer to another sign-in. Open the address above, and paste the one it leads to.";

/**
 * Has the person paste the address that the browser ended at, or `code#state`, until it is the answer to this attempt.
 * What is pasted is never shown. At the end of input it stays pending: the listener may still get the answer.
 *
 * @returns the authorization code.
 * @throws {ClerkCliAuthError} what the authorization response says; `state_mismatch` after several answers to another
 * sign-in.
 */
export async function askForPaste(
  terminal: Terminal,
  expected: CallbackExpectation,
  signal: AbortSignal,
): Promise<string> {
  let foreignPastes = 0;
  terminal.write(PROMPT);
  for (;;) {
    const line = await terminal.readLine({ hidden: true, signal });
    if (line === null) return await new Promise<never>(() => {});
    terminal.write("\n");
    const parameters = parsePastedResponse(line);
    const outcome = parameters && readCallback(parameters, expected);
    if (outcome?.kind === "code") return outcome.code;
    if (outcome?.kind === "failure") throw outcome.error;
    if (outcome && ++foreignPastes === MAX_FOREIGN_PASTES) throw stateMismatch();
    terminal.write(`${outcome ? FOREIGN : NEITHER}\n> `);
  }
}

function stateMismatch(): ClerkCliAuthError {
  return new ClerkCliAuthError("state_mismatch", "What was pasted is the answer to another sign-in", {
    action: "Start the login again and use the address that it shows",
  });
}
