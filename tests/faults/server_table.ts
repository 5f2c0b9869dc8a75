/**
 * The backend's response to a CLI for each fault between it and Clerk, by design: written by hand, and checked
 * against every run.
 *
 * @module
 */
import { NETWORK_FAULTS, statuses, withBody } from "./support/fault_names.ts";
import type { Answered, ServerFault, ServerRule, TokenKind } from "./support/server_rule.ts";

/** A CLI must not drop its session for it. */
const UNAVAILABLE: Answered = { status: 503, error: "unavailable", exitCode: 1 };
const MISCONFIGURED: Answered = { status: 500, error: "config", exitCode: 2 };
const REJECTED: Answered = { status: 401, error: "not_authenticated", exitCode: 1 };

const SECRET_KEY_REFUSED: ServerFault[] = statuses(401, 403);
/** Clerk says why it rejects a token; a response that does not comes from something in between. */
const TOKEN_REFUSED: ServerFault[] = withBody(400, 404);
const CLOCK: ServerFault[] = ["clock set a day ahead", "clock set a day back"];

function allBut(...others: ServerFault[][]): ServerFault[] {
  const left = others.flat();
  return NETWORK_FAULTS.filter((fault) => !left.includes(fault));
}

const OPAQUE: ServerRule[] = [
  { faults: allBut(SECRET_KEY_REFUSED, TOKEN_REFUSED), answered: UNAVAILABLE },
  { faults: SECRET_KEY_REFUSED, answered: MISCONFIGURED },
  { faults: TOKEN_REFUSED, answered: REJECTED },
];

/** The table. */
export const SERVER_TABLE: Readonly<Record<TokenKind, readonly ServerRule[]>> = {
  "an API key": OPAQUE,
  "an opaque access token": OPAQUE,
  // Clerk is asked for its keys, so no response says anything about the token.
  "a JWT access token": [
    { faults: allBut(SECRET_KEY_REFUSED), answered: UNAVAILABLE },
    { faults: SECRET_KEY_REFUSED, answered: MISCONFIGURED },
    { faults: CLOCK, answered: REJECTED },
  ],
};
