/**
 * Fuzzes what reads input of others, for as long as wanted. What fails is kept as a regression case, which the suite
 * then tries.
 *
 *     deno task fuzz [TARGET…] [--cases N] [--minutes M] [--seed S]
 *
 * Without a number of cases or minutes it tries a million cases, spread over the targets.
 *
 * @module
 */
import { parseArgs } from "node:util";
import fc from "npm:fast-check@4.10.2";
import { TARGETS } from "../tests/fuzz/all_targets.ts";
import type { FuzzTarget } from "../tests/fuzz/fuzz_target.ts";
import { keepRegression } from "../tests/fuzz/regression_cases.ts";
import { runTarget } from "../tests/fuzz/run_target.ts";

const DEFAULT_CASES = 1_000_000;
/** The targets take turns, so that each has had its share whenever time is up. */
const CASES_A_TURN = 2_000;
/** What takes longer hangs. */
const CASE_LIMIT_MS = 5_000;

interface Wanted {
  targets: readonly FuzzTarget[];
  /** In all. */
  cases: number;
  endsAt: number;
  seed: number;
}

if (import.meta.main) Deno.exit(await fuzz(readOptions(Deno.args)));

function readOptions(args: string[]): Wanted {
  const text = { type: "string" } as const;
  const options = { cases: text, minutes: text, seed: text };
  const { positionals: names, values } = parseArgs({ args, allowPositionals: true, options });
  const { minutes, cases = minutes === undefined ? DEFAULT_CASES : Infinity, seed } = values;
  const unknown = names.find((name) => !TARGETS.some((target) => target.name === name));
  if (unknown !== undefined) throw new TypeError(`Cannot fuzz '${unknown}': there is no such target`);
  return {
    targets: names.length === 0 ? TARGETS : TARGETS.filter(({ name }) => names.includes(name)),
    cases: Number(cases),
    endsAt: minutes === undefined ? Infinity : Date.now() + Number(minutes) * 60_000,
    seed: seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(seed),
  };
}

async function fuzz({ targets, cases, endsAt, seed }: Wanted): Promise<number> {
  console.log(`Fuzzing ${targets.map(({ name }) => name).join(", ")} from the seed ${seed}`);
  const tried = new Map<string, number>();
  const failed = new Set<string>();
  let turn = seed;
  for (let rest = cases; rest > 0 && Date.now() < endsAt && failed.size < targets.length;) {
    for (const target of targets.filter(({ name }) => !failed.has(name))) {
      const share = Math.min(CASES_A_TURN, rest);
      if (share === 0) break;
      const ran = await takeTurn(target, { cases: share, seed: turn++ });
      tried.set(target.name, (tried.get(target.name) ?? 0) + ran.cases);
      rest -= ran.cases;
      if (!ran.holds) failed.add(target.name);
    }
  }
  for (const [name, count] of tried) {
    console.log(`${name}: ${count} cases${failed.has(name) ? ", BROKEN" : ""}`);
  }
  console.log(
    `${[...tried.values()].reduce((sum, count) => sum + count, 0)} cases, ${failed.size} targets broken`,
  );
  return failed.size === 0 ? 0 : 1;
}

async function takeTurn(target: FuzzTarget, { cases, seed }: { cases: number; seed: number }) {
  const details = await runTarget(target, { cases, seed, caseLimitMs: CASE_LIMIT_MS });
  if (details.counterexample) {
    console.error(`${target.name}: ${fc.defaultReportMessage(details)}\n${details.errorInstance}`);
    await keepRegression(target.name, details.counterexample[0]);
  }
  return { cases: details.numRuns, holds: !details.failed };
}
