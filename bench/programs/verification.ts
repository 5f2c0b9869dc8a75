/** Verifies tokens in several ways, in turns. */
import { readFile } from "node:fs/promises";
import type { InstanceFile } from "../../measure/instance.ts";
import { finish, readArguments } from "../support/arguments.ts";
import { type Rounds, runRounds, type Verifier } from "./rounds.ts";
import {
  backendVerifier,
  googleVerifier,
  joseVerifier,
  type MakeVerify,
  mapVerifier,
  oauth4webapiVerifier,
  ownVerifier,
  requestVerifier,
  subtleVerifier,
} from "./verifiers.ts";

/** What tokens are to their verifiers. */
export type Situation = "firstSeen" | "seenBefore" | "opaque" | "cached";

/** What was found out of each verifier: one token after the other, and many at once. */
export type VerificationResults = Record<Situation, Record<"sequential" | "atOnce", Record<string, Rounds>>>;

/** How a verifier is made, and what it verifies in each round. */
type Contender = [make: MakeVerify, tokensOf: Verifier["tokensOf"]];

const AT_ONCE = 50;

const [path, rounds, jwtsPerRound] = readArguments<[string, number, number]>();
const instance: InstanceFile = JSON.parse(await readFile(path, "utf8"));
const { jwts, apiKeys } = instance;

const newJwts = (round: number) => jwts.slice(round * jwtsPerRound, (round + 1) * jwtsPerRound);
const knownJwts = () => jwts.slice(0, jwtsPerRound);
const keys = () => apiKeys;

/** Whoever remembers is too fast for the clock to tell it by a few tokens. */
const often = (tokensOf: () => readonly string[]): Verifier["tokensOf"] => {
  const tokens = Array.from({ length: 50 }, tokensOf).flat();
  return () => tokens;
};

const SITUATIONS: Readonly<Record<Situation, Record<string, Contender>>> = {
  firstSeen: {
    floor: [subtleVerifier, newJwts],
    own: [ownVerifier(), newJwts],
    ownFetchingKeys: [ownVerifier({ fetchesKeys: true }), newJwts],
    jose: [joseVerifier, newJwts],
    oauth4webapi: [oauth4webapiVerifier, newJwts],
    google: [googleVerifier, newJwts],
    backend: [backendVerifier, newJwts],
  },
  seenBefore: {
    floor: [mapVerifier, often(knownJwts)],
    own: [ownVerifier(), often(knownJwts)],
    jose: [joseVerifier, knownJwts],
    backend: [backendVerifier, knownJwts],
  },
  opaque: {
    floor: [requestVerifier, keys],
    own: [ownVerifier(), keys],
    backend: [backendVerifier, keys],
  },
  cached: {
    floor: [mapVerifier, often(keys)],
    own: [ownVerifier({ ttlMs: 60_000 }), often(keys)],
    backend: [backendVerifier, keys],
  },
};

/** A verifier that has seen a token before must not be asked about it again as if it had not: all are made anew. */
async function measure(
  contenders: Record<string, Contender>,
  atOnce: number,
): Promise<Record<string, Rounds>> {
  const verifiers: Record<string, Verifier> = {};
  for (const [name, [make, tokensOf]] of Object.entries(contenders)) {
    verifiers[name] = { verify: await make(instance), tokensOf };
  }
  return await runRounds(verifiers, { rounds, atOnce });
}

const results: Partial<VerificationResults> = {};
for (const [situation, contenders] of Object.entries(SITUATIONS)) {
  results[situation as Situation] = {
    sequential: await measure(contenders, 1),
    atOnce: await measure(contenders, AT_ONCE),
  };
}
finish(results);
