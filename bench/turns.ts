import type { Line, Sample } from "./bench.ts";

/** Options of {@linkcode takeTurns}. */
export interface TurnOptions {
  seconds: number;
  /** The clock, in milliseconds. */
  now?: () => number;
}

/** What was measured of each line, round by round; `undefined` for rounds it sat out. */
export type Samples = ReadonlyMap<Line, readonly (Sample | undefined)[]>;

/** Fewer say nothing. */
const MIN_ROUNDS = 5;

/**
 * Measures lines in turns, so that other load on the machine affects them all, and in random order, as some leave work
 * behind that slows the next one. A first round, which does not count, fills caches.
 */
export async function takeTurns(
  lines: readonly Line[],
  { seconds, now = () => performance.now() }: TurnOptions,
): Promise<Samples> {
  const end = now() + seconds * 1000;
  const samples = new Map(lines.map((line): [Line, (Sample | undefined)[]] => [line, []]));
  for (const line of lines) await line.measure();
  for (let round = 0; round < MIN_ROUNDS || now() < end; round++) {
    for (const line of shuffled(lines)) {
      samples.get(line)!.push(round % (line.every ?? 1) === 0 ? await line.measure() : undefined);
    }
  }
  return samples;
}

function shuffled<T>(items: readonly T[]): T[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last--) {
    const picked = Math.floor(Math.random() * (last + 1));
    [result[last], result[picked]] = [result[picked]!, result[last]!];
  }
  return result;
}
