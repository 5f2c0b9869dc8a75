/**
 * The median of some numbers.
 *
 * @param values The numbers; their order does not matter.
 * @returns The middle one, or the mean of the two in the middle.
 * @throws {TypeError} If there are none.
 */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  if (upper === undefined || lower === undefined) throw new TypeError("Cannot take the median of no values");
  return (lower + upper) / 2;
}
