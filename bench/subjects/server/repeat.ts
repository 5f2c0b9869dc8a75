/** Verifies each of some API keys several times, half of the times at once. */
import { readFile } from "node:fs/promises";
import type { InstanceFile } from "../../measure/instance.ts";
import { finish, readArguments } from "../support/arguments.ts";
import { backendVerifier, type MakeVerify, ownVerifier, requestVerifier } from "./verifiers.ts";

/** Who is asked. */
export type RepeatName = "floor" | "own" | "ownWithoutCache" | "backend";

const VERIFIERS: Readonly<Record<RepeatName, MakeVerify>> = {
  floor: requestVerifier,
  own: ownVerifier({ ttlMs: 60_000 }),
  ownWithoutCache: ownVerifier(),
  backend: backendVerifier,
};

const [path, name, { keys, times }] = readArguments<[string, RepeatName, { keys: number; times: number }]>();
const instance: InstanceFile = JSON.parse(await readFile(path, "utf8"));
const verify = await VERIFIERS[name](instance);
for (const key of instance.apiKeys.slice(0, keys)) {
  const atOnce = Math.floor(times / 2);
  await Promise.all(Array.from({ length: atOnce }, () => verify(key)));
  for (let time = atOnce; time < times; time++) await verify(key);
}
finish(null);
