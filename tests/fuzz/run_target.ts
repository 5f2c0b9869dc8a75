import fc, { type RunDetails } from "npm:fast-check@4.10.2";
import type { FuzzTarget } from "./fuzz_target.ts";

/** How much a target is tried. */
export interface FuzzRunOptions {
  cases: number;
  /** Where the cases begin; what a failure prints repeats them. */
  seed: number;
  /** How long one case may take, in milliseconds: what takes longer hangs. */
  caseLimitMs: number;
}

/** Tries a target; the first broken promise is brought down to a small case. */
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
