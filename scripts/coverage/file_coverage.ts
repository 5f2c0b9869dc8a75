/** Something that is run or not: a line, or a branch that begins at one. */
export interface Counted {
  line: number;
  /** How often it was run. */
  count: number;
}

/** What ran of a file. */
export interface FileCoverage {
  /** Its path from the root of the repository. */
  file: string;
  lines: Counted[];
  branches: Counted[];
}

/** How many of some lines or branches ran. */
export interface Share {
  ran: number;
  all: number;
}

/**
 * Counts what ran of some files.
 *
 * @param files The files.
 * @param what What is counted.
 * @returns How many ran.
 */
export function shareOf(files: readonly FileCoverage[], what: "lines" | "branches"): Share {
  const counted = files.flatMap((file) => file[what]);
  return { ran: counted.filter(({ count }) => count > 0).length, all: counted.length };
}

/**
 * How much that is, in per cent; of nothing, all ran.
 *
 * @param share How many ran.
 * @returns The number.
 */
export function percentage({ ran, all }: Share): number {
  return all === 0 ? 100 : 100 * ran / all;
}
