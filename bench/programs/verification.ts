/** Verifies tokens in several ways. */
import { readFile } from "node:fs/promises";
import type { Sample } from "../bench.ts";
import type { InstanceFile } from "../instance.ts";
import { answerTasks, readArguments } from "./support/tasks.ts";
import {
  backendVerifier,
  joseVerifier,
  type MakeVerify,
  mapVerifier,
  oauth4webapiVerifier,
  ownVerifier,
  requestVerifier,
  subtleVerifier,
  type Verify,
} from "./support/verifiers.ts";

/** What a verifier knows of its tokens. */
export type Situation = "firstSeen" | "seenBefore" | "opaque" | "cached";

/** With a cache, a few tokens are too fast for the clock. */
const TIMES = 50;

const [path] = readArguments<[string]>();
const instance: InstanceFile = JSON.parse(await readFile(path, "utf8"));
const { jwts, apiKeys } = instance;
const often = (tokens: readonly string[]) => Array.from({ length: TIMES }, () => tokens).flat();

/** A verifier, and what it verifies each time. */
type Contender = [make: MakeVerify, tokens: readonly string[]];

const SITUATIONS: Readonly<Record<Situation, Record<string, Contender>>> = {
  firstSeen: {
    subtle: [subtleVerifier, jwts],
    own: [ownVerifier(), jwts],
    jose: [joseVerifier, jwts],
    oauth4webapi: [oauth4webapiVerifier, jwts],
    backend: [backendVerifier, jwts],
  },
  seenBefore: {
    map: [mapVerifier, often(jwts)],
    own: [ownVerifier(), often(jwts)],
    jose: [joseVerifier, jwts],
    backend: [backendVerifier, jwts],
  },
  opaque: {
    request: [requestVerifier, apiKeys],
    own: [ownVerifier(), apiKeys],
    backend: [backendVerifier, apiKeys],
  },
  cached: {
    map: [mapVerifier, often(apiKeys)],
    own: [ownVerifier({ ttlMs: 60_000 }), often(apiKeys)],
    backend: [backendVerifier, apiKeys],
  },
};

const remembering = new Map<string, Verify>();

/** Measures tokens per second, one after another. */
async function verifyAll(verify: Verify, tokens: readonly string[]): Promise<Sample> {
  const latencies: number[] = [];
  const started = performance.now();
  for (const token of tokens) {
    const before = performance.now();
    await verify(token);
    latencies.push(performance.now() - before);
  }
  const tookMs = performance.now() - started;
  latencies.sort((a, b) => a - b);
  return {
    value: tokens.length / tookMs * 1000,
    p99: latencies[Math.floor(latencies.length * 0.99)]! * 1000,
  };
}

await answerTasks(async (task) => {
  const [situation, name] = task.split(" ") as [Situation, string];
  const [make, tokens] = SITUATIONS[situation][name]!;
  // To see tokens for the first time, a verifier must be new. Its first token loads what it needs.
  const isNew = situation === "firstSeen";
  const verify = (isNew ? undefined : remembering.get(task)) ?? await make(instance);
  remembering.set(task, verify);
  await verify(tokens[0]!);
  return await verifyAll(verify, isNew ? tokens.slice(1) : tokens);
});
