import type { Verify } from "./verifiers.ts";

/** What a verifier did in each round. */
export interface Rounds {
  /** Verifications a second. */
  rates: number[];
  /** How long one verification took, in microseconds: the median and the 99th of 100. */
  p50: number[];
  p99: number[];
}

/** How {@linkcode runRounds} works. */
export interface RoundsOptions {
  rounds: number;
  /** The tokens of a round. */
  tokensOf(round: number): readonly string[];
  /** How many are verified at once. */
  atOnce: number;
}

/** Has verifiers verify the same tokens in turns; the first round warms up and does not count. */
export async function runRounds(
  verifiers: Record<string, Verify>,
  { rounds, tokensOf, atOnce }: RoundsOptions,
): Promise<Record<string, Rounds>> {
  const results: Record<string, Rounds> = {};
  for (const name of Object.keys(verifiers)) results[name] = { rates: [], p50: [], p99: [] };
  for (let round = 0; round <= rounds; round++) {
    const tokens = tokensOf(round);
    for (const [name, verify] of Object.entries(verifiers)) {
      const { elapsedMs, latencies } = await runRound(verify, tokens, atOnce);
      if (round === 0) continue;
      const result = results[name]!;
      result.rates.push(tokens.length / elapsedMs * 1000);
      result.p50.push(latencies[Math.floor(latencies.length / 2)]! * 1000);
      result.p99.push(latencies[Math.floor(latencies.length * 0.99)]! * 1000);
    }
  }
  return results;
}

async function runRound(verify: Verify, tokens: readonly string[], atOnce: number) {
  const latencies: number[] = [];
  const started = performance.now();
  if (atOnce === 1) {
    for (const token of tokens) latencies.push(await timed(verify, token));
  } else {
    for (let at = 0; at < tokens.length; at += atOnce) {
      const batch = tokens.slice(at, at + atOnce).map((token) => timed(verify, token));
      latencies.push(...await Promise.all(batch));
    }
  }
  const elapsedMs = performance.now() - started;
  return { elapsedMs, latencies: latencies.sort((a, b) => a - b) };
}

async function timed(verify: Verify, token: string): Promise<number> {
  const started = performance.now();
  await verify(token);
  return performance.now() - started;
}
