import type { Sample } from "../bench.ts";

/**
 * The value below which a share of some numbers lies, interpolated between the two nearest.
 *
 * @param samples The numbers; their order does not matter.
 * @param share The share, from 0 to 1.
 * @returns The value.
 * @throws {TypeError} If there are no numbers.
 */
export function quantile(samples: readonly Sample[], share: number): number {
  const sorted = samples.filter(isMeasured).sort((a, b) => a - b);
  const position = (sorted.length - 1) * share;
  const lower = sorted[Math.floor(position)];
  const upper = sorted[Math.ceil(position)];
  if (lower === undefined || upper === undefined) {
    throw new TypeError("Cannot take a quantile of no values");
  }
  return lower + (upper - lower) * (position - Math.floor(position));
}

/** The median of some numbers; throws a `TypeError` if there are none. */
export function median(samples: readonly Sample[]): number {
  return quantile(samples, 0.5);
}

/** Whether a subject took part in the round. */
export function isMeasured(sample: Sample | undefined): sample is number {
  return typeof sample === "number";
}

/**
 * How often one thing is another, by the median of the ratios of each round that both took part in: what slows a round
 * down slows both.
 *
 * @param samples The numbers of the one, round by round.
 * @param others Those of the other.
 * @returns The ratio.
 */
export function pairedRatio(samples: readonly Sample[], others: readonly Sample[]): number {
  if (samples.length !== others.length) return median(samples) / median(others);
  return median(samples.map((sample, round) => {
    const other = others[round];
    return isMeasured(sample) && isMeasured(other) ? sample / other : null;
  }));
}
