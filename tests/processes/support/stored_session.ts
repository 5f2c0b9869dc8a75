import { watch } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ClerkCliAuth, createCredentialStore } from "@clerk/cli-auth";
import {
  createEmulator,
  createScriptedBrowser,
  type Emulator,
  type EmulatorRequest,
} from "@clerk/cli-auth/testing";
import { CONFIG_DIRECTORY } from "../../harness/config_directory.ts";
import { type FakeClock, installFakeClock } from "../../harness/fake_clock.ts";
import { type Program, type ProgramRuntime, startProgram } from "../../harness/program.ts";
import { makeTemporaryFolder } from "../../harness/temporary_folder.ts";
import { untilPushed } from "../../harness/until_pushed.ts";

/** How long a response is held back, in milliseconds: no other timer has this duration. */
const HELD_MS = 3_600_001;

/** A session in a credential file, and its issuer. */
export interface StoredSession {
  readonly emulator: Emulator;
  /** How many refreshes the issuer received. */
  refreshes(): number;
  /** Resolves when the issuer has received one. */
  refreshSent(): Promise<void>;
  /** Holds back the issuer's response to the next refresh; the returned function releases it. */
  holdRefresh(): () => Promise<void>;
  /** Starts a process that uses the session. */
  start(command: string, options?: StartOptions): Program;
  /** Starts a program with the configuration of its client, and further arguments. */
  startProgram(name: string, options: { args: string[]; runtime: ProgramRuntime }): Program;
  /** Signs in, in this process, to replace a session that has ended. */
  signIn(): Promise<void>;
  /** Runs one to its end. */
  run(command: string, options?: StartOptions): Promise<SessionResult>;
  /** Resolves when this many processes refresh, or wait for one that does. */
  refreshesUnderWay(count: number): Promise<void>;
  /** The same for logins. */
  loginsUnderWay(count: number): Promise<void>;
  /** The access token that is stored. */
  storedToken(): Promise<unknown>;
  /** Lets the stored access token expire in this many milliseconds; negative if it has expired. */
  expireIn(durationMs: number): Promise<void>;
  close(): Promise<void>;
}

/** How a process is started. */
export interface StartOptions {
  runtime?: ProgramRuntime;
  /** Added to the configuration of its client. */
  config?: Record<string, unknown>;
  /** The length of timers that fire at once, in milliseconds. */
  impatientFor?: number;
}

/** What a process printed at its end. */
export interface SessionResult {
  result?: unknown;
  error?: string;
  retryable?: boolean;
  events: string[];
}

/** Signs in, unless told not to, on its own emulator, with its own credential file. */
export async function storeSession(
  { isSignedIn = true }: { isSignedIn?: boolean } = {},
): Promise<StoredSession> {
  const emulator = createEmulator();
  const { issuer, close } = await emulator.listen();
  const folder = await makeTemporaryFolder();
  const config = { clientId: emulator.application.clientId, issuer, storage: "file" as const };
  // The test may run on several runtimes at once: the folder is in the environment of the programs only.
  const env = { [CONFIG_DIRECTORY]: folder.path };
  const path = join(folder.path, "clerk-cli-auth", config.clientId, "credentials@default.json");
  const signIn = async () => {
    const storage = createCredentialStore("file", { filePath: path });
    const openBrowser = createScriptedBrowser().opener();
    await new ClerkCliAuth({ ...config, storage, openBrowser, ui: "none" }).login();
  };
  if (isSignedIn) await signIn();

  let clock: FakeClock | undefined;
  const letGo = async () => {
    await clock?.advance(HELD_MS);
    clock = void clock?.uninstall();
  };

  const start: StoredSession["start"] = (command, { runtime, config: more, impatientFor } = {}) =>
    startProgram("session", {
      args: [command, JSON.stringify({ ...config, ...more })],
      env,
      ...(runtime && { runtime }),
      ...(impatientFor && { deadlines: { [impatientFor]: path } }),
    });
  return {
    emulator,
    refreshes: () => emulator.requests.filter(isRefresh).length,
    refreshSent: async () => void await untilPushed(emulator.requests, isRefresh),
    holdRefresh: () => {
      emulator.faults.add({ endpoint: "token", delayMs: HELD_MS });
      clock = installFakeClock((durationMs) => durationMs === HELD_MS);
      return letGo;
    },
    start,
    startProgram: (name, { args, runtime }) =>
      startProgram(name, { args: [JSON.stringify(config), ...args], env, runtime }),
    signIn,
    run: (command, options) => resultOf(start(command, options)),
    storedToken: async () => (await readRecord(path)).record.accessToken,
    refreshesUnderWay: (count) => liveFiles(`${path}.lock`, count),
    loginsUnderWay: (count) => liveFiles(`${path}.login.lock`, count),
    expireIn: (durationMs) => change(path, (record) => record.expiresAt = Date.now() + durationMs),
    close: async () => {
      await letGo();
      await close();
      await folder.remove();
    },
  };
}

/** What a process printed in the end; rejects when it was killed before. */
export async function resultOf(program: Program): Promise<SessionResult> {
  const { stdout, stderr } = await program.ended;
  const line = stdout.trim().split("\n").at(-1) ?? "";
  if (!line.startsWith("{")) throw new Error(`The program printed no result:\n${stdout}${stderr}`);
  return JSON.parse(line);
}

function isRefresh({ form }: EmulatorRequest): boolean {
  return form.grant_type === "refresh_token";
}

/** Resolves when a lock's folder holds so many live files: those of its holder and of who waits for it. */
async function liveFiles(folder: string, count: number): Promise<void> {
  const isThere = async () =>
    (await readdir(folder)).filter((name) => name.endsWith(".live")).length >= count;
  await mkdir(folder, { recursive: true, mode: 0o700 }); // What is not there cannot be watched.
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const look = () => void isThere().then((there) => there && resolve(), reject);
  const watcher = watch(folder, look);
  look();
  await promise.finally(() => watcher.close());
}

/** Changes the record in a credential file. */
async function change(path: string, edit: (record: StoredRecord) => void): Promise<void> {
  const { file, record } = await readRecord(path);
  edit(record);
  file.entries.tokens = JSON.stringify(record);
  await writeFile(path, JSON.stringify(file));
}

type StoredRecord = Record<string, unknown>;

async function readRecord(
  path: string,
): Promise<{ file: { entries: { tokens: string } }; record: StoredRecord }> {
  const file = JSON.parse(await readFile(path, "utf8"));
  return { file, record: JSON.parse(file.entries.tokens) };
}
