import type { Latencies, Sample } from "../../bench.ts";
import { type Subject, takeTurns } from "../../measure/take_turns.ts";
import type { Verify } from "./verifiers.ts";

/** Something that verifies, and what. */
export interface Verifier {
  verify: Verify;
  /** The tokens of a round. */
  tokensOf(round: number): readonly string[];
}

/** What a verifier did in each round. */
export interface Rounds {
  /** Verifications a second. */
  rates: Sample[];
  latencies: Latencies;
}

/** How {@linkcode runRounds} works. */
export interface RoundsOptions {
  rounds: number;
  /** How many tokens are verified at once. */
  atOnce: number;
}

/** Has verifiers verify tokens in turns; the first round warms up and does not count. */
export async function runRounds(
  verifiers: Record<string, Verifier>,
  { rounds, atOnce }: RoundsOptions,
): Promise<Record<string, Rounds>> {
  const latencies = Object.fromEntries(
    Object.keys(verifiers).map((name): [string, Latencies] => [name, { p50: [], p99: [] }]),
  );
  const subjects = Object.entries(verifiers).map(([name, { verify, tokensOf }]): [string, Subject] => {
    let round = 0;
    const measure = async () => {
      const tokens = tokensOf(round++);
      const { elapsedMs, sorted } = await runRound(verify, tokens, atOnce);
      latencies[name]!.p50.push(sorted[Math.floor(sorted.length / 2)]! * 1000);
      latencies[name]!.p99.push(sorted[Math.floor(sorted.length * 0.99)]! * 1000);
      return tokens.length / elapsedMs * 1000;
    };
    return [name, { measure }];
  });
  const rates = await takeTurns(Object.fromEntries(subjects), { rounds });
  return Object.fromEntries(
    Object.entries(rates).map(([name, rates]) => {
      const { p50, p99 } = latencies[name]!;
      return [name, { rates, latencies: { p50: p50.slice(-rounds), p99: p99.slice(-rounds) } }];
    }),
  );
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
  return { elapsedMs, sorted: latencies.sort((a, b) => a - b) };
}

async function timed(verify: Verify, token: string): Promise<number> {
  const started = performance.now();
  await verify(token);
  return performance.now() - started;
}
