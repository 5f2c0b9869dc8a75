import { COVERAGE_VARIABLE } from "./instrumented_targets.ts";

type Counters = Record<string, { b: Record<string, number[]> }>;

/** Tells which inputs have done what none had done before. */
export class BranchCoverage {
  /** For each branch the orders of magnitude that were seen, as bits. */
  readonly #seen = new Map<number[], number[]>();

  /** How many branches were ever taken. */
  get taken(): number {
    let count = 0;
    for (const seen of this.#seen.values()) count += seen.filter(Boolean).length;
    return count;
  }

  /** Forgets what ran. */
  reset(): void {
    for (const branch of branches()) branch.fill(0);
  }

  /** Whether what has run since the last reset took a branch that was never taken, or one far more often than ever. */
  hasNews(): boolean {
    let isNews = false;
    for (const branch of branches()) {
      const seen = this.#seen.get(branch) ?? branch.map(() => 0);
      this.#seen.set(branch, seen);
      for (const [index, count] of branch.entries()) {
        const bit = count === 0 ? 0 : 1 << Math.min(8, 32 - Math.clz32(count));
        if ((seen[index]! & bit) !== bit) isNews = true;
        seen[index]! |= bit;
      }
    }
    return isNews;
  }
}

function branches(): number[][] {
  const counters = (globalThis as unknown as Record<string, Counters>)[COVERAGE_VARIABLE] ?? {};
  return Object.values(counters).flatMap(({ b }) => Object.values(b));
}
