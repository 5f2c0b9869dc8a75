import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Keyring, type KeyringOptions, SECRET_SERVICE, startKeyring } from "./keyring.ts";
import {
  canRunOn,
  OWN_RUNTIME,
  type ProgramOptions,
  type ProgramResult,
  runProgram,
  startProgram,
} from "./program.ts";
import type { Requirement } from "./requirement.ts";

/** What `tests/programs/keychain_store.ts` reports. */
export interface Outcome {
  /** The result of the operation; `null` for nothing. */
  result?: string | null;
  /** Code of the error that it threw. */
  code?: string;
  message?: string;
  retryable?: boolean;
}

/** A Secret Service, and programs that use it. */
export const KEYCHAIN_PROGRAMS: Requirement = {
  missing: SECRET_SERVICE.missing ?? canRunOn(OWN_RUNTIME).missing,
};

/** The environment of a program that finds no keychain. */
export const NO_KEYCHAIN: Readonly<Record<string, undefined>> = {
  DBUS_SESSION_BUS_ADDRESS: undefined,
  XDG_RUNTIME_DIR: undefined,
  DISPLAY: undefined,
};

/** The operation, what a login does without a keychain, and the value. */
export type Operation = [
  operation: "get" | "set" | "delete",
  fallback: "file" | "error",
  value?: string | undefined,
];

/** Runs one operation of the keychain store, on the credential file of a directory, in its own process. */
export async function startOperation(
  folder: string,
  operation: Operation,
  { env, ...options }: ProgramOptions,
): Promise<ProgramResult> {
  return await runProgram("keychain_store", {
    ...options,
    args: operation.filter((argument) => argument !== undefined),
    env: { STORE_FILE: join(folder, "credentials.json"), ...env },
  });
}

/** Runs one operation and returns its outcome. */
export async function runOperation(
  folder: string,
  operation: Operation,
  options: ProgramOptions,
): Promise<Outcome> {
  const { code, stdout, stderr } = await startOperation(folder, operation, options);
  if (code !== 0) throw new Error(`The program ended with ${code}: ${stderr}`);
  return JSON.parse(stdout);
}

/** A process that uses the keychain store repeatedly, each time as if it had just started. */
export interface KeychainUser {
  /** Runs one operation on a file in a directory, by default `credentials.json`. */
  run(folder: string, operation: Operation, file?: string): Promise<Outcome>;
  close(): Promise<void>;
}

/** Starts a process that uses the keychain of its environment. */
export function startKeychainUser(options: ProgramOptions = {}): KeychainUser {
  const { child, ended, stderr } = startProgram("keychain_store", options);
  const outcomes = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  return {
    async run(folder, [operation, fallback, value], file = "credentials.json") {
      const filePath = join(folder, file);
      child.stdin!.write(`${JSON.stringify({ operation, fallback, value, filePath })}\n`);
      const { value: line } = await outcomes.next();
      if (line === undefined) throw new Error(`The program ended: ${stderr()}`);
      return JSON.parse(line);
    },
    async close() {
      child.stdin!.end();
      await ended;
    },
  };
}

/** Runs a task with its own keyring. */
export async function withKeyring(
  options: KeyringOptions,
  task: (keyring: Keyring) => Promise<void>,
): Promise<void> {
  const keyring = await startKeyring(options);
  try {
    await task(keyring);
  } finally {
    await keyring.close();
  }
}
