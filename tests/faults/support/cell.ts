import { canRunOn, OWN_RUNTIME } from "../../harness/program.ts";
import type { Requirement } from "../../harness/requirement.ts";
import { type FaultName, FILE_FAULTS, isOneOf, PROCESS_FAULTS } from "./fault_names.ts";
import type { Rule } from "./rule.ts";
import { PERMISSION_BITS } from "./run_unprivileged.ts";
import type { StepName } from "./steps.ts";

/** One step with one fault. */
export interface Cell {
  step: StepName;
  fault: FaultName;
}

/** What the steps come to. */
export type Table = Readonly<Record<StepName, readonly Rule[]>>;

/** The cells of a table, in its order. */
export function cellsOf(table: Table): Cell[] {
  return Object.entries(table).flatMap(([step, rules]) =>
    rules.flatMap(({ faults }) => faults.map((fault) => ({ step: step as StepName, fault })))
  );
}

/** Whether a process of its own must meet the fault. */
export function needsProcess({ fault }: Cell): boolean {
  return fault === "TLS error" || isOneOf(FILE_FAULTS, fault) || isOneOf(PROCESS_FAULTS, fault);
}

/** What a machine must have for a cell to be tried. */
export function requirementOf(cell: Cell): Requirement {
  const needed = needsProcess(cell) ? canRunOn(OWN_RUNTIME).missing : undefined;
  const bits = isOneOf(FILE_FAULTS, cell.fault) && cell.fault !== "disk full";
  return { missing: needed ?? (bits ? PERMISSION_BITS.missing : undefined) };
}
