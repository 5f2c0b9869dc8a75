import type { FaultName } from "./fault_names.ts";
import { failed, type Performed } from "./perform.ts";
import type { StoredState } from "./stored_state.ts";

/** What the same person can do once the fault is over. */
export type Next = "the same command works" | "the session has ended; a login works";

/** What a command came to, and what it left behind. */
export interface Outcome extends Performed {
  stored: StoredState;
  next: Next;
}

/** What some faults come to. */
export interface Rule {
  faults: readonly FaultName[];
  outcome: Outcome;
}

/** What there is besides the result; most commands leave the next one something to work on. */
export interface Aftermath {
  stored: StoredState;
  next?: Next;
}

/** A command that fails. */
export function fails(
  faults: readonly FaultName[],
  { code, retryable = false }: { code: string; retryable?: boolean },
  aftermath: Aftermath,
): Rule {
  return gives(faults, { result: failed(code, { retryable }), exitCode: 1 }, aftermath);
}

/** A command that gives something. */
export function gives(
  faults: readonly FaultName[],
  { result, exitCode = 0 }: { result: string; exitCode?: number },
  { stored, next = "the same command works" }: Aftermath,
): Rule {
  return { faults, outcome: { result, exitCode, stored, next } };
}
