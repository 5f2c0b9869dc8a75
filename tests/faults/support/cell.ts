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

/** The outcomes of the steps. */
export type Table = Readonly<Record<StepName, readonly Rule[]>>;

/** The cells of a table, in its order. */
export function cellsOf(table: Table): Cell[] {
  return Object.entries(table).flatMap(([step, rules]) =>
    rules.flatMap(({ faults }) => faults.map((fault) => ({ step: step as StepName, fault })))
  );
}

/** Whether the fault needs its own process. */
export function needsProcess({ fault }: Cell): boolean {
  return fault === "TLS error" || isOneOf(FILE_FAULTS, fault) || isOneOf(PROCESS_FAULTS, fault);
}

/** What a machine needs to try a cell. */
export function requirementOf(cell: Cell): Requirement {
  const needed = needsProcess(cell) ? canRunOn(OWN_RUNTIME).missing : undefined;
  const bits = isOneOf(FILE_FAULTS, cell.fault) && cell.fault !== "disk full";
  return { missing: needed ?? (bits ? PERMISSION_BITS.missing : undefined) };
}
