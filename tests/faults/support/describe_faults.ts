import { type FaultName, STATUSES } from "./fault_names.ts";

/** Lists faults briefly: statuses last, those that fail with and without an error body together. */
export function describeFaults(faults: readonly FaultName[]): string {
  const named = faults.filter((fault) => !/^\d/.test(fault));
  const has = (fault: string) => faults.some((other) => other === fault);
  const bare = STATUSES.filter((status) => has(`${status}`));
  const withBody = STATUSES.filter((status) => has(`${status} with an error body`));
  const both = bare.filter((status) => withBody.includes(status));
  const only = (statuses: readonly number[]) =>
    statuses.filter((status) => !both.some((other) => other === status));
  return [
    ...named,
    ...sentence(both, ""),
    ...sentence(only(bare), " without an error body"),
    ...sentence(only(withBody), " with an error body"),
  ].join("; ");
}

function sentence(statuses: readonly number[], end: string): string[] {
  return statuses.length === 0 ? [] : [`status ${statuses.join(", ")}${end}`];
}
