import type { FaultName } from "./fault_names.ts";
import { failed, type Performed } from "./perform.ts";
import type { StoredState } from "./stored_state.ts";

/** What the next command does once the fault is over. */
export type Next = "the same command works" | "the session has ended; a login works";

/** The result of a command, and what it left behind. */
export interface Outcome extends Performed {
  stored: StoredState;
  next: Next;
}

/** The outcome of some faults. */
export interface Rule {
  faults: readonly FaultName[];
  outcome: Outcome;
}

/** What else there is besides the result; after most commands, the next one works. */
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

/** A command that succeeds. */
export function gives(
  faults: readonly FaultName[],
  { result, exitCode = 0 }: { result: string; exitCode?: number },
  { stored, next = "the same command works" }: Aftermath,
): Rule {
  return { faults, outcome: { result, exitCode, stored, next } };
}
