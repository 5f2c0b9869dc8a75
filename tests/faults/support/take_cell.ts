import type { Cell } from "./cell.ts";
import { AUTHORIZATION_FAULTS, FILE_FAULTS, isOneOf, PROCESS_FAULTS } from "./fault_names.ts";
import type { Outcome } from "./rule.ts";
import { STEPS } from "./steps.ts";
import type { Surroundings } from "./surroundings.ts";
import { takeAuthorization } from "./take_authorization.ts";
import { type HereFault, takeHere, type Taking } from "./take_here.ts";
import { takeInProcess } from "./take_in_process.ts";
import { takeOverTls } from "./take_over_tls.ts";
import { takeWithFiles } from "./take_with_files.ts";
import { makeWorld, type World } from "./world.ts";

/** Begins to take the step of a cell with its fault, in a world of its own. */
export async function takeCell(cell: Cell, surroundings: Surroundings): Promise<Taking> {
  const { home, certificates } = surroundings;
  const world = await makeWorld(STEPS[cell.step], {
    home,
    certificates: cell.fault === "TLS error" ? certificates : undefined,
  });
  const { met, outcome } = take(world, cell, surroundings);
  return { met, outcome: outcome.finally(() => world.close()) };
}

function take(world: World, { step: name, fault }: Cell, { env }: Surroundings): Taking {
  const step = STEPS[name];
  const whole = (outcome: Promise<Outcome>): Taking => ({ met: outcome.then(() => {}, () => {}), outcome });
  if (fault === "TLS error") return whole(takeOverTls(world, step, env));
  if (isOneOf(AUTHORIZATION_FAULTS, fault)) return whole(takeAuthorization(world, fault));
  if (isOneOf(FILE_FAULTS, fault)) return whole(takeWithFiles(world, step, { fault, env }));
  if (isOneOf(PROCESS_FAULTS, fault)) return whole(takeInProcess(world, step, { fault, env }));
  return takeHere(world, step, fault satisfies HereFault);
}
