/** Verifies tokens that were never seen before in one way, and tells how much memory the process has taken since its start. */
import { readFile } from "node:fs/promises";
import process from "node:process";
import type { InstanceFile } from "../../measure/instance.ts";
import { finish, readArguments } from "../support/arguments.ts";
import { backendVerifier, joseVerifier, type MakeVerify, ownVerifier, subtleVerifier } from "./verifiers.ts";

const VERIFIERS: Record<string, MakeVerify> = {
  floor: subtleVerifier,
  own: ownVerifier(),
  jose: joseVerifier,
  backend: backendVerifier,
};

const [path, name] = readArguments<[string, string]>();
const instance: InstanceFile = JSON.parse(await readFile(path, "utf8"));
const before = process.memoryUsage().rss;
const verify = await VERIFIERS[name]!(instance);
for (const token of instance.jwts) await verify(token);
finish((process.memoryUsage().rss - before) / 1e6);
