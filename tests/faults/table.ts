/**
 * The outcome of each step with each fault, by design: written by hand, and checked in every run.
 *
 * @module
 */
import { bare, type FaultName, type NetworkFault, statuses, withBody } from "./support/fault_names.ts";
import { fails, gives, type Rule } from "./support/rule.ts";
import { failed } from "./support/perform.ts";
import type { StepName } from "./support/steps.ts";
import type { StoredState } from "./support/stored_state.ts";

/** Nobody knows whether the request arrived. */
const UNREACHABLE: NetworkFault[] = [
  "connection refused",
  "TLS error",
  "reset mid-headers",
  "reset mid-body",
];
const SILENT: NetworkFault[] = ["stalled", "slow drip"];
const UNREADABLE: NetworkFault[] = ["wrong content type", "huge body", "invalid JSON", "redirect"];
/** Later, the same request may succeed. */
const TEMPORARY = statuses(408, 429, 500, 502, 503, 504);
const REFUSED = statuses(400, 401, 403, 404);
const CLOCK: FaultName[] = ["clock set a day ahead", "clock set a day back"];

const AS_IT_WAS = { stored: "the session as it was" } as const;
const MARKED = { stored: "the session, marked as being refreshed" } as const;
const RENEWED = { stored: "the new session" } as const;
const NOTHING = { stored: "nothing" } as const;
const WAITING = { stored: "the pending login" } as const;
const OVER = { stored: "that the session has ended", next: "the session has ended; a login works" } as const;
/** The issuer has used up the refresh token, but its response never arrived. */
const LOST = { ...MARKED, next: OVER.next } as const;

/** A request whose failure is the command's, and does not change what is stored. */
function plainRequest(code: string, stored: StoredState): Rule[] {
  return [
    fails(UNREACHABLE, { code, retryable: true }, { stored }),
    fails(SILENT, { code: "timeout", retryable: true }, { stored }),
    fails(UNREADABLE, { code }, { stored }),
    fails(TEMPORARY, { code, retryable: true }, { stored }),
  ];
}

const SIGNED_IN = { result: "signed in" };
const NEW_TOKEN = { result: "a new token" };
const STORED_TOKEN = { result: "the stored token" };
const SIGNED_OUT = { result: "signed out" };
const USER = { result: "the user" };
const KILLED = { result: "killed", exitCode: 137 };

function notRevoked(code: string, options: { retryable?: boolean } = {}) {
  return { result: `signed out, not revoked: ${failed(code, options)}`, exitCode: 1 };
}

/** The table. */
export const TABLE: Readonly<Record<StepName, readonly Rule[]>> = {
  "login(): authorization": [
    fails(["access_denied"], { code: "access_denied" }, NOTHING),
    fails(["server_error", "temporarily_unavailable"], { code: "token_exchange", retryable: true }, NOTHING),
    gives(["error with another state", "code with another state"], SIGNED_IN, RENEWED),
  ],
  "login(): token exchange": [
    ...plainRequest("token_exchange", "nothing"),
    fails(REFUSED, { code: "token_exchange" }, NOTHING),
    gives([...CLOCK, "suspended"], SIGNED_IN, RENEWED),
    gives(["killed, request lost", "killed, response lost"], KILLED, NOTHING),
  ],
  "login(): saving the tokens": [
    fails(
      ["disk full", "read-only directory", "permission denied", "directory read-only when saving"],
      { code: "storage" },
      NOTHING,
    ),
  ],
  "login(): user info": [
    ...plainRequest("userinfo", "the new session"),
    fails(REFUSED, { code: "userinfo" }, RENEWED),
    gives([...CLOCK, "suspended"], SIGNED_IN, RENEWED),
    gives(["killed, request lost"], KILLED, RENEWED),
  ],
  "login(): revocation of the replaced session": [
    fails(["connection refused", "TLS error"], { code: "userinfo", retryable: true }, RENEWED),
    gives(["reset mid-headers", "reset mid-body", ...SILENT, ...UNREADABLE], SIGNED_IN, RENEWED),
    gives([...bare(429, 500, 503), ...withBody(400, 401, 403)], SIGNED_IN, RENEWED),
  ],
  "completeLogin(): exchange of a pasted code": [
    ...plainRequest("token_exchange", "the pending login"),
    fails(bare(400, 401, 403, 404), { code: "token_exchange" }, WAITING),
    fails(withBody(400, 401, 403, 404), { code: "not_authenticated" }, NOTHING),
    gives([...CLOCK, "suspended"], SIGNED_IN, RENEWED),
    gives(["killed, request lost", "killed, response lost"], KILLED, WAITING),
  ],
  "getAccessToken(): valid token": [
    gives(CLOCK, NEW_TOKEN, RENEWED),
    gives(["disk full", "read-only directory"], STORED_TOKEN, AS_IT_WAS),
    fails(["permission denied"], { code: "storage" }, AS_IT_WAS),
  ],
  "getAccessToken(): refresh of an expired token": [
    fails(UNREACHABLE, { code: "token_exchange", retryable: true }, MARKED),
    fails(SILENT, { code: "timeout", retryable: true }, MARKED),
    fails(UNREADABLE, { code: "token_exchange" }, MARKED),
    fails(statuses(408, 500, 502, 503, 504), { code: "token_exchange", retryable: true }, MARKED),
    fails(statuses(429), { code: "token_exchange", retryable: true }, AS_IT_WAS),
    fails(bare(400, 401, 403, 404), { code: "token_exchange" }, AS_IT_WAS),
    gives(withBody(400, 401, 403, 404), { result: "no token", exitCode: 1 }, OVER),
    gives([...CLOCK, "suspended"], NEW_TOKEN, RENEWED),
    gives(["killed, request lost"], KILLED, MARKED),
    gives(["killed, response lost"], KILLED, LOST),
  ],
  "getAccessToken(): response to a refresh lost": [
    fails(["reset mid-headers", "reset mid-body"], { code: "token_exchange", retryable: true }, LOST),
    fails(SILENT, { code: "timeout", retryable: true }, LOST),
    fails(UNREADABLE, { code: "token_exchange" }, LOST),
    fails(statuses(408, 500, 502, 503, 504), { code: "token_exchange", retryable: true }, LOST),
  ],
  "getAccessToken(): saving refreshed tokens": [
    fails(["disk full", "read-only directory", "permission denied"], { code: "storage" }, AS_IT_WAS),
    // The file is overwritten.
    gives(["directory read-only when saving"], NEW_TOKEN, RENEWED),
  ],
  "getAccessToken(): refresh of a token valid for a few more seconds": [
    gives(
      [...UNREACHABLE, ...SILENT, ...UNREADABLE, ...statuses(408, 500, 502, 503, 504)],
      STORED_TOKEN,
      MARKED,
    ),
    gives([...statuses(429), ...bare(400, 401, 403, 404)], STORED_TOKEN, AS_IT_WAS),
    gives(withBody(400, 401, 403, 404), { result: "no token", exitCode: 1 }, OVER),
    gives(["disk full", "read-only directory"], STORED_TOKEN, AS_IT_WAS),
    fails(["permission denied"], { code: "storage" }, AS_IT_WAS),
    gives(CLOCK, NEW_TOKEN, RENEWED),
  ],
  "logout(): revocation": [
    gives(UNREACHABLE, notRevoked("revoke", { retryable: true }), NOTHING),
    gives(SILENT, notRevoked("timeout", { retryable: true }), NOTHING),
    gives(["huge body", "redirect"], notRevoked("revoke"), NOTHING),
    // The status says it all (RFC 7009, section 2.2).
    gives(["wrong content type", "invalid JSON"], SIGNED_OUT, NOTHING),
    gives(TEMPORARY, notRevoked("revoke", { retryable: true }), NOTHING),
    gives(REFUSED, notRevoked("revoke"), NOTHING),
    gives([...CLOCK, "suspended"], SIGNED_OUT, NOTHING),
    gives(["killed, request lost", "killed, response lost"], KILLED, AS_IT_WAS),
  ],
  "logout(): clearing the stored session": [
    gives(["disk full"], SIGNED_OUT, NOTHING),
    fails(["read-only directory", "permission denied"], { code: "storage" }, AS_IT_WAS),
  ],
  "whoami()": [
    ...plainRequest("userinfo", "the session as it was"),
    fails(statuses(400, 403, 404), { code: "userinfo" }, AS_IT_WAS),
    // A refused token is refreshed once.
    fails(statuses(401), { code: "userinfo" }, RENEWED),
    gives(["disk full", "read-only directory"], USER, AS_IT_WAS),
    fails(["permission denied"], { code: "storage" }, AS_IT_WAS),
    gives([...CLOCK, "suspended"], USER, AS_IT_WAS),
    gives(["killed, request lost"], KILLED, AS_IT_WAS),
  ],
  "verifyToken()": [
    ...plainRequest("verify_api_key", "the session as it was"),
    fails(REFUSED, { code: "verify_api_key" }, AS_IT_WAS),
    gives([...CLOCK, "suspended"], { result: "the identity" }, AS_IT_WAS),
    gives(["killed, request lost"], KILLED, AS_IT_WAS),
  ],
};
