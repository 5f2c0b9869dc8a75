/** Verifies tokens in several ways, in turns. */
import { readFile } from "node:fs/promises";
import type { InstanceFile } from "../../measure/instance.ts";
import { finish, readArguments } from "../support/arguments.ts";
import { type Rounds, runRounds } from "./rounds.ts";
import {
  backendVerifier,
  joseVerifier,
  type MakeVerify,
  ownVerifier,
  requestVerifier,
  subtleVerifier,
  type Verify,
} from "./verifiers.ts";

/** What was found out, by situation and verifier. */
export type VerificationResults = Record<string, Record<string, Rounds>>;

const [path, rounds, jwtsPerRound] = readArguments<[string, number, number]>();
const instance: InstanceFile = JSON.parse(await readFile(path, "utf8"));
const { jwts, apiKeys } = instance;

const JWT_VERIFIERS: Record<string, MakeVerify> = {
  floor: subtleVerifier,
  own: ownVerifier(),
  ownFetchingKeys: ownVerifier({ fetchesKeys: true }),
  jose: joseVerifier,
  backend: backendVerifier,
};
const OPAQUE_VERIFIERS: Record<string, MakeVerify> = {
  floor: requestVerifier,
  own: ownVerifier(),
  backend: backendVerifier,
};

/** A verifier that has seen a token before must not be asked about it again as if it had not. */
async function make(makers: Record<string, MakeVerify>): Promise<Record<string, Verify>> {
  const verifiers: Record<string, Verify> = {};
  for (const [name, maker] of Object.entries(makers)) verifiers[name] = await maker(instance);
  return verifiers;
}

const newJwts = (round: number) => jwts.slice(round * jwtsPerRound, (round + 1) * jwtsPerRound);
const repeated = (tokens: readonly string[], times: number) =>
  Array.from({ length: times }, () => tokens).flat();
const knownJwts = repeated(jwts.slice(0, 100), 50);
const knownKeys = repeated(apiKeys, 100);

const results: VerificationResults = {
  firstSeen: await runRounds(await make(JWT_VERIFIERS), { rounds, tokensOf: newJwts, atOnce: 1 }),
  firstSeenAtOnce: await runRounds(await make(JWT_VERIFIERS), { rounds, tokensOf: newJwts, atOnce: 50 }),
  seenBefore: await runRounds(await make({ own: ownVerifier() }), {
    rounds,
    tokensOf: () => knownJwts,
    atOnce: 1,
  }),
  opaque: await runRounds(await make(OPAQUE_VERIFIERS), { rounds, tokensOf: () => apiKeys, atOnce: 1 }),
  opaqueAtOnce: await runRounds(await make(OPAQUE_VERIFIERS), {
    rounds,
    tokensOf: () => apiKeys,
    atOnce: 50,
  }),
  cached: await runRounds(await make({ own: ownVerifier({ ttlMs: 60_000 }) }), {
    rounds,
    tokensOf: () => knownKeys,
    atOnce: 1,
  }),
};
finish(results);
