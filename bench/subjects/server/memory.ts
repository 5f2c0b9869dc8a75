/** Verifies tokens that were never seen before in one way, and tells how much memory the process has taken since its start. */
import { readFile } from "node:fs/promises";
import process from "node:process";
import type { InstanceFile } from "../../measure/instance.ts";
import { finish, readArguments } from "../support/arguments.ts";
import {
  backendVerifier,
  googleVerifier,
  joseVerifier,
  type MakeVerify,
  oauth4webapiVerifier,
  ownVerifier,
  subtleVerifier,
} from "./verifiers.ts";

/** Whose memory is measured. */
export type MemoryName = "floor" | "own" | "jose" | "oauth4webapi" | "google" | "backend";

const VERIFIERS: Readonly<Record<MemoryName, MakeVerify>> = {
  floor: subtleVerifier,
  own: ownVerifier(),
  jose: joseVerifier,
  oauth4webapi: oauth4webapiVerifier,
  google: googleVerifier,
  backend: backendVerifier,
};

const [path, name, count] = readArguments<[string, MemoryName, number]>();
const instance: InstanceFile = JSON.parse(await readFile(path, "utf8"));
const before = process.memoryUsage().rss;
const verify = await VERIFIERS[name](instance);
for (const token of instance.jwts.slice(0, count)) await verify(token);
finish((process.memoryUsage().rss - before) / 1e6);
