import type { Sample } from "./bench.ts";

/** A median and its 95% confidence interval. */
export interface Estimate {
  median: number;
  low: number;
  high: number;
}

/**
 * Returns the value below which a share of the numbers lies, interpolated between the two nearest.
 *
 * @param share From 0 to 1.
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

/** Returns the median; throws a `TypeError` if there are no numbers. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/**
 * Returns the median and its 95% confidence interval by order statistics, which assumes nothing about the
 * distribution. For five numbers or fewer, the interval is all of them.
 *
 * @throws {TypeError} If there are no numbers.
 */
export function estimate(values: readonly number[]): Estimate {
  const sorted = values.toSorted((a, b) => a - b);
  const outside = Math.max(0, Math.floor((sorted.length - 1.96 * Math.sqrt(sorted.length)) / 2));
  return { median: median(sorted), low: sorted[outside]!, high: sorted.at(-1 - outside)! };
}

/**
 * Returns the ratio of one thing to another, from the rounds that both took part in: what slows down a round slows down
 * both. Skips a rate of 0.
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
