import type { Sample } from "./bench.ts";

/** A median, and what the true one lies between in 95 of 100 cases. */
export interface Estimate {
  median: number;
  low: number;
  high: number;
}

/**
 * The value below which a share of some numbers lies, interpolated between the two nearest.
 *
 * @param values The numbers, in any order.
 * @param share The share, from 0 to 1.
 * @returns The value.
 * @throws {TypeError} If there are no numbers.
 */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const position = (sorted.length - 1) * share;
  const lower = sorted[Math.floor(position)];
  const upper = sorted[Math.ceil(position)];
  if (lower === undefined || upper === undefined) {
    throw new TypeError("Cannot take a quantile of no values");
  }
  return lower + (upper - lower) * (position - Math.floor(position));
}

/** The median of some numbers; throws a `TypeError` if there are none. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/**
 * The median, and its 95 % confidence interval by order statistics, which assumes nothing about how the numbers are
 * distributed. Of five or fewer, the interval is all of them.
 *
 * @param values The numbers.
 * @returns The estimate.
 * @throws {TypeError} If there are no numbers.
 */
export function estimate(values: readonly number[]): Estimate {
  const sorted = values.toSorted((a, b) => a - b);
  const outside = Math.max(0, Math.floor((sorted.length - 1.96 * Math.sqrt(sorted.length)) / 2));
  return { median: median(sorted), low: sorted[outside]!, high: sorted.at(-1 - outside)! };
}

/**
 * How often one thing is another, by the ratios within each round that both took part in: what slows a round down slows
 * both. A rate of 0 compares with nothing.
 *
 * @param samples The samples of the one, round by round.
 * @param others Those of the other.
 * @returns The ratio.
 */
export function pairedRatio(
  samples: readonly (Sample | undefined)[],
  others: readonly (Sample | undefined)[],
): Estimate {
  return estimate(samples.flatMap((sample, round) => {
    const other = others[round];
    return sample && other && other.value > 0 ? [sample.value / other.value] : [];
  }));
}
