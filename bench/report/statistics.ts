/**
 * The value below which a share of some numbers lies, interpolated between the two nearest.
 *
 * @param values The numbers; their order does not matter.
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
 * How often one thing is another, by the median of the ratios of each round: what slows a round down slows both.
 *
 * @param values The numbers of the one, round by round.
 * @param others Those of the other.
 * @returns The ratio.
 */
export function pairedRatio(values: readonly number[], others: readonly number[]): number {
  if (values.length !== others.length) return median(values) / median(others);
  return median(values.map((value, round) => value / others[round]!));
}
