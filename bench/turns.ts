import type { Sample } from "../bench.ts";

/** Something that is measured again and again. */
export interface Subject {
  /** Measures once. */
  measure(): Promise<number>;
  /**
   * Takes part in one of so many rounds: for what is slow, and no goal is set to.
   * @default 1
   */
  every?: number | undefined;
}

/** How {@linkcode takeTurns} works. */
export interface TurnOptions {
  rounds: number;
  /**
   * How many rounds come before, and do not count: they fill caches and let compilers learn the code.
   * @default 1
   */
  warmUp?: number;
}

/**
 * Measures subjects in turns, so that what else the machine does strikes all alike, and in an order of chance: some leave
 * work behind that whoever comes next has to wait for.
 *
 * @param subjects The subjects by name.
 * @param options How often they are measured.
 * @returns What was measured of each, round by round.
 */
export async function takeTurns(
  subjects: Readonly<Record<string, Subject>>,
  { rounds, warmUp = 1 }: TurnOptions,
): Promise<Record<string, Sample[]>> {
  await play(subjects, warmUp);
  return await play(subjects, rounds);
}

async function play(
  subjects: Readonly<Record<string, Subject>>,
  rounds: number,
): Promise<Record<string, Sample[]>> {
  const samples = Object.fromEntries(Object.keys(subjects).map((name): [string, Sample[]] => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, { measure, every = 1 }] of shuffled(Object.entries(subjects))) {
      samples[name]!.push(round % every === 0 ? await measure() : null);
    }
  }
  return samples;
}

function shuffled<T>(items: T[]): T[] {
  for (let last = items.length - 1; last > 0; last--) {
    const picked = Math.floor(Math.random() * (last + 1));
    [items[last], items[picked]] = [items[picked]!, items[last]!];
  }
  return items;
}
