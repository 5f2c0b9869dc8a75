/**
 * Tries what every step comes to with every fault, and writes `docs/faults.md` where it is as tests/faults/table.ts has
 * it.
 *
 *     deno task faults
 *
 * @module
 */
import { cellsOf, requirementOf } from "../tests/faults/support/cell.ts";
import { faultsDocument } from "../tests/faults/support/document.ts";
import { startMatrix } from "../tests/faults/support/run_matrix.ts";
import type { TokenKind } from "../tests/faults/support/server_rule.ts";
import { makeSurroundings } from "../tests/faults/support/surroundings.ts";
import { takeServer } from "../tests/faults/support/take_server.ts";
import { SERVER_TABLE } from "../tests/faults/server_table.ts";
import { TABLE } from "../tests/faults/table.ts";
import { makeTemporaryFolder } from "../tests/harness/temporary_folder.ts";
import { ROOT } from "./deno_config.ts";

if (import.meta.main) Deno.exit(await main());

async function main(): Promise<number> {
  const deviations = [...await tryClient(), ...await tryServer()];
  for (const deviation of deviations) console.error(deviation);
  if (deviations.length > 0) return 1;
  const page = faultsDocument({ client: TABLE, server: SERVER_TABLE });
  await Deno.writeTextFile(new URL("docs/faults.md", ROOT), page);
  console.log("Every fault came to what the table says; docs/faults.md is written");
  return 0;
}

async function tryClient(): Promise<string[]> {
  const cells = cellsOf(TABLE);
  const deviations = cells.flatMap((cell) => {
    const { missing } = requirementOf(cell);
    return missing === undefined ? [] : [`${cell.step}, ${cell.fault}: ${missing}`];
  });
  if (deviations.length > 0) return deviations;
  const run = await startMatrix(cells);
  for (const [step, rules] of Object.entries(TABLE)) {
    for (const { faults, outcome } of rules) {
      for (const fault of faults) {
        const found = await run.outcomeOf({ step: step as keyof typeof TABLE, fault }).catch(String);
        if (!isSame(found, outcome)) deviations.push(deviation(`${step}, ${fault}`, { found, outcome }));
      }
    }
  }
  await run.close();
  return deviations;
}

async function tryServer(): Promise<string[]> {
  const folder = await makeTemporaryFolder();
  const surroundings = await makeSurroundings(folder.path);
  const deviations: string[] = [];
  for (const [kind, rules] of Object.entries(SERVER_TABLE)) {
    for (const { faults, answered: outcome } of rules) {
      for (const fault of faults) {
        const found = await takeServer(kind as TokenKind, fault, surroundings).catch(String);
        if (!isSame(found, outcome)) deviations.push(deviation(`${kind}, ${fault}`, { found, outcome }));
      }
    }
  }
  await folder.remove();
  return deviations;
}

function isSame(found: object | string, outcome: object): boolean {
  const sorted = (value: object | string) => JSON.stringify(Object.entries(value).sort());
  return sorted(found) === sorted(outcome);
}

function deviation(where: string, { found, outcome }: { found: unknown; outcome: unknown }): string {
  return `${where}: ${JSON.stringify(found)} and not ${JSON.stringify(outcome)}`;
}
