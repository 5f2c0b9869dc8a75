import type { Cell } from "./cell.ts";
import { AUTHORIZATION_FAULTS, FILE_FAULTS, isOneOf, PROCESS_FAULTS } from "./fault_names.ts";
import type { Outcome } from "./rule.ts";
import { STEPS } from "./steps.ts";
import type { Surroundings } from "./surroundings.ts";
import { takeAuthorization } from "./take_authorization.ts";
import { type HereFault, takeHere } from "./take_here.ts";
import { takeInProcess } from "./take_in_process.ts";
import { takeOverTls } from "./take_over_tls.ts";
import { takeWithFiles } from "./take_with_files.ts";
import { makeWorld, type World } from "./world.ts";

/** Takes the step of a cell with its fault, in its own world. */
export async function takeCell(cell: Cell, surroundings: Surroundings): Promise<Outcome> {
  const { home, certificates } = surroundings;
  const world = await makeWorld(STEPS[cell.step], {
    home,
    certificates: cell.fault === "TLS error" ? certificates : undefined,
  });
  try {
    return await take(world, cell, surroundings);
  } finally {
    world.close();
  }
}

function take(world: World, { step: name, fault }: Cell, { env }: Surroundings): Promise<Outcome> {
  const step = STEPS[name];
  if (fault === "TLS error") return takeOverTls(world, step, env);
  if (isOneOf(AUTHORIZATION_FAULTS, fault)) return takeAuthorization(world, fault);
  if (isOneOf(FILE_FAULTS, fault)) return takeWithFiles(world, step, { fault, env });
  if (isOneOf(PROCESS_FAULTS, fault)) return takeInProcess(world, step, { fault, env });
  return takeHere(world, step, fault satisfies HereFault);
}
