/**
 * Sends a verifier a million junk tokens. Then lets processes of all runtimes use the same credentials for a long time,
 * kills and suspends them, and reports what became of the sessions.
 *
 *     deno task soak [--minutes 10]
 *
 * @module
 */
import { parseArgs } from "node:util";
import { SETUP_VARIABLE } from "../tests/harness/setup.ts";
import { floodWithJunk } from "../tests/soak/junk.ts";
import { soak, type SoakReport } from "../tests/soak/soak.ts";
import { prepareWorkspace } from "./test/workspace.ts";

const JUNK_TOKENS = 1_000_000;

if (import.meta.main) Deno.exit(await main());

async function main(): Promise<number> {
  const options = { minutes: { type: "string", default: "10" } } as const;
  const minutes = Number(parseArgs({ args: Deno.args, options }).values.minutes);
  if (!(minutes > 0)) throw new TypeError("Cannot soak for less than a moment: expected --minutes 10");
  console.log("A million junk tokens");
  const junk = await floodWithJunk(JUNK_TOKENS);
  console.log(junk);
  console.log("Building the npm package and bundling the workers");
  Deno.env.set(SETUP_VARIABLE, JSON.stringify(await prepareWorkspace()));
  console.log(`Eight processes at work, for ${minutes} minutes`);
  const report = await soak(minutes * 60_000);
  console.log(summary(report));
  return report.verdict.violations.length === 0 && junk.growth.isFlat ? 0 : 1;
}

function summary({ log, verdict, growth }: SoakReport): Record<string, unknown> {
  const { operations, refreshes, kills, suspensions, faults } = log;
  const results: Record<string, number> = {};
  for (const { name, result } of operations.filter(({ result }) => result)) {
    const { error, message, sub } = result!;
    const outcome = error ? `${error}, ${message}` : sub === null && name !== "logout" ? "nobody" : "ok";
    results[`${name}: ${outcome}`] = (results[`${name}: ${outcome}`] ?? 0) + 1;
  }
  const tookEffect = refreshes.filter(({ tookEffect }) => tookEffect).length;
  return {
    operations: operations.length,
    results,
    refreshes: tookEffect,
    kills,
    suspensions,
    faults,
    growth,
    ...verdict,
  };
}
