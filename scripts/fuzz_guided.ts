/**
 * Fuzzes with the coverage of the sources as a guide: an input that makes them do something new is kept and changed
 * further. What breaks a promise is kept as a regression case.
 *
 *     deno task fuzz:guided [TARGET…] [--seconds N] [--seed S]
 *
 * Each target has N seconds, 60 unless told.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import fc from "npm:fast-check@4.10.2";
import type { FuzzTarget } from "../tests/fuzz/fuzz_target.ts";
import { keepRegression } from "../tests/fuzz/regression_cases.ts";
import { BranchCoverage } from "./fuzz/branch_coverage.ts";
import { changedInput, type Random, textsIn } from "./fuzz/changed_input.ts";
import { loadInstrumentedTargets } from "./fuzz/instrumented_targets.ts";

const SEEDS = 200;

if (import.meta.main) Deno.exit(await fuzzGuided(Deno.args));

async function fuzzGuided(args: string[]): Promise<number> {
  const options = parseArgs(args, { string: ["_", "seconds", "seed"] });
  const { _: names, seconds = "60", seed = String(Date.now() % 2 ** 31) } = options;
  const all = await loadInstrumentedTargets();
  const targets = names.length === 0 ? all : all.filter(({ name }) => names.includes(name));
  console.log(`Fuzzing ${targets.map(({ name }) => name).join(", ")} from the seed ${seed}`);
  let broken = 0;
  for (const target of targets) {
    if (!await holds(target, { seed: Number(seed), endsAt: Date.now() + Number(seconds) * 1000 })) broken++;
  }
  return broken === 0 ? 0 : 1;
}

/** Fuzzes a target until time is up, or a promise is broken. */
async function holds(
  { name, inputs, check }: FuzzTarget,
  { seed, endsAt }: { seed: number; endsAt: number },
): Promise<boolean> {
  const coverage = new BranchCoverage();
  const random = randomFrom(seed);
  const waiting: unknown[] = fc.sample(inputs, { numRuns: SEEDS, seed });
  const corpus: unknown[] = [];
  const words = [...new Set(waiting.flatMap(textsIn))];
  let cases = 0;
  for (; Date.now() < endsAt; cases++) {
    const input = waiting.pop() ?? changedInput(corpus[random(corpus.length)], random, words);
    coverage.reset();
    try {
      await check(input);
    } catch (error) {
      console.error(`${name}: broken by ${JSON.stringify(input).slice(0, 500)}\n`, error);
      await keepRegression(name, input);
      return false;
    }
    if (coverage.hasNews()) corpus.push(input);
  }
  console.log(
    `${name}: ${cases} cases, of which ${corpus.length} did something new; ${coverage.taken} branches`,
  );
  return true;
}

/** Chance that can be repeated (xorshift32). */
function randomFrom(seed: number): Random {
  let state = seed | 1;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}
