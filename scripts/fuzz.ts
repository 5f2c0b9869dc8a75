/**
 * Fuzzes whatever reads foreign input, with any number of cases, spread over the targets. A failure is kept as a
 * regression case for the test suite.
 *
 *     deno task fuzz [TARGET…] [--cases 1000000] [--seed S]
 *
 * @module
 */
import { parseArgs } from "node:util";
import fc from "npm:fast-check@4.10.2";
import { TARGETS } from "../tests/fuzz/all_targets.ts";
import { keepRegression } from "../tests/fuzz/regression_cases.ts";
import { runTarget } from "../tests/fuzz/run_target.ts";

/** A case that takes longer hangs. */
const CASE_LIMIT_MS = 5_000;

if (import.meta.main) Deno.exit(await fuzz(Deno.args));

async function fuzz(args: string[]): Promise<number> {
  const { positionals: names, values } = parseArgs({
    args,
    allowPositionals: true,
    options: { cases: { type: "string", default: "1000000" }, seed: { type: "string" } },
  });
  const unknown = names.find((name) => !TARGETS.some((target) => target.name === name));
  if (unknown !== undefined) throw new TypeError(`Cannot fuzz '${unknown}': there is no such target`);
  const targets = TARGETS.filter(({ name }) => names.length === 0 || names.includes(name));
  const cases = Math.ceil(Number(values.cases) / targets.length);
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`Fuzzing ${targets.length} targets with ${cases} cases each, from the seed ${seed}`);
  let broken = 0;
  for (const target of targets) {
    const details = await runTarget(target, { cases, seed, caseLimitMs: CASE_LIMIT_MS });
    console.log(`${target.name}: ${details.numRuns} cases${details.failed ? ", BROKEN" : ""}`);
    if (details.failed) broken++;
    if (!details.counterexample) continue;
    console.error(`${fc.defaultReportMessage(details)}\n${details.errorInstance}`);
    await keepRegression(target.name, details.counterexample[0]);
  }
  return broken === 0 ? 0 : 1;
}
