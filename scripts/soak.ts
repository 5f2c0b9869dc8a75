/**
 * Sends a verifier a million junk tokens. Then lets processes of all runtimes use the same credentials for a long time,
 * kills and suspends them, and says what became of the sessions.
 *
 *     deno task soak [--minutes 10]
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { SETUP_VARIABLE } from "../tests/harness/setup.ts";
import { floodWithJunk, type JunkReport } from "../tests/soak/junk.ts";
import { soak, type SoakReport } from "../tests/soak/soak.ts";
import { prepareWorkspace } from "./test/workspace.ts";

const DEFAULT_MINUTES = "10";
const JUNK_TOKENS = 1_000_000;

if (import.meta.main) Deno.exit(await main());

async function main(): Promise<number> {
  const minutes = Number(parseArgs(Deno.args, { string: ["minutes"] }).minutes ?? DEFAULT_MINUTES);
  if (!(minutes > 0)) {
    console.error("Usage: deno task soak [--minutes 10]");
    return 2;
  }
  console.log("A million junk tokens");
  const junk = await floodWithJunk(JUNK_TOKENS);
  console.log(describeJunk(junk));
  console.log("Building the npm package and bundling the workers");
  const setup = await prepareWorkspace();
  Deno.env.set(SETUP_VARIABLE, JSON.stringify(setup));
  console.log(`Eight processes at work, for ${minutes} minutes`);
  const report = await soak(minutes * 60_000);
  for (const line of describe(report)) console.log(line);
  return report.verdict.violations.length === 0 && junk.growth.isFlat ? 0 : 1;
}

function describeJunk({ outcomes, calls, growth: { from, to, isFlat } }: JunkReport): string {
  const growth = `${from.rssMb} → ${to.rssMb} MB${isFlat ? "" : ": its memory grows"}`;
  return `${JSON.stringify(outcomes)}, ${calls} calls to Clerk, ${growth}`;
}

function describe({ log, verdict, growth }: SoakReport): string[] {
  const { operations, refreshes, kills, suspensions } = log;
  const results = operations.filter(({ result }) => result).map(({ name, result }) => {
    const { error, message, sub } = result!;
    const outcome = error ? `${error}, ${message}` : sub === null ? "nobody" : "ok";
    return name === "logout" && !error ? "logout: ok" : `${name}: ${outcome}`;
  });
  const vitals = Object.entries(growth).map(([runtime, { from, to }]) =>
    `  ${runtime}: ${from.rssMb} → ${to.rssMb} MB, ${from.handles} → ${to.handles} handles`
  );
  return [
    `${operations.length} operations, ${refreshes.filter(({ tookEffect }) => tookEffect).length} refreshes`,
    ...counted(results),
    `${kills} kills, ${suspensions} suspensions; faults of the issuer: ${JSON.stringify(log.faults)}`,
    `Sessions that ended: ${verdict.lostToKills} by a kill between the sending of a refresh and the saving of its ` +
    `answer, ${verdict.lostToIssuer} by an answer that the issuer lost, ${verdict.endedByRevocation} by a revocation`,
    "Memory and handles of those that lived through it:",
    ...vitals,
    `${verdict.violations.length} violations`,
    ...verdict.violations.map((violation) => `  ${violation}`),
  ];
}

function counted(names: readonly string[]): string[] {
  const groups = Map.groupBy(names, (name) => name);
  return [...groups].sort().map(([name, { length }]) => `  ${name} ${length}`);
}
