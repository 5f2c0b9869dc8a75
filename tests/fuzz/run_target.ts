import fc, { type RunDetails } from "npm:fast-check@4.10.2";
import type { FuzzTarget } from "./fuzz_target.ts";

/** How thoroughly to try a target. */
export interface FuzzRunOptions {
  cases: number;
  /** The seed of the cases; a failure prints how to repeat them. */
  seed: number;
  /** How long one case may take before it counts as hanging, in milliseconds. */
  caseLimitMs: number;
}

/** Tries a target; shrinks the first failure to a small case. */
export async function runTarget(
  { inputs, check }: FuzzTarget,
  { cases, seed, caseLimitMs }: FuzzRunOptions,
): Promise<RunDetails<[unknown]>> {
  const property = fc.asyncProperty(inputs, async (input) => {
    const started = performance.now();
    await check(input);
    const took = performance.now() - started;
    if (took > caseLimitMs) throw new Error(`broken: it took ${Math.round(took)} ms`);
  });
  return await fc.check(property, { numRuns: cases, seed });
}
