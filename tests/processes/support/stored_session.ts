import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ClerkCliAuth } from "@clerk/cli-auth";
import { createEmulator, createScriptedBrowser, type Emulator } from "@clerk/cli-auth/testing";
import { type Program, type ProgramRuntime, startProgram } from "../../harness/program.ts";
import { makeTemporaryFolder } from "../../harness/temporary_folder.ts";

/** A session in a credential file, and the issuer that it is a session of. */
export interface StoredSession {
  readonly emulator: Emulator;
  /** How many refreshes the issuer was asked for. */
  refreshes(): number;
  /** Starts a process that uses the session. */
  start(command: string, options?: StartOptions): Program;
  /** Runs one to its end. */
  run(command: string, options?: StartOptions): Promise<SessionResult>;
  /** Lets the stored access token expire in so many milliseconds; less than 0 when it has expired. */
  expireIn(durationMs: number): Promise<void>;
  close(): Promise<void>;
}

/** How a process is started. */
export interface StartOptions {
  runtime?: ProgramRuntime;
  /** Added to the configuration of its client. */
  config?: Record<string, unknown>;
}

/** What a process printed in the end. */
export interface SessionResult {
  result?: unknown;
  error?: string;
  retryable?: boolean;
  events: string[];
}

/** Signs in on an emulator of its own, with a credential file of its own. */
export async function storeSession(): Promise<StoredSession> {
  const emulator = createEmulator();
  const { issuer, close } = await emulator.listen();
  const folder = await makeTemporaryFolder();
  const config = { clientId: emulator.application.clientId, issuer, storage: "file" as const };
  // The test may run on several runtimes at once: the folder is in the environment of the programs only.
  const env = { XDG_CONFIG_HOME: folder.path };
  const path = join(folder.path, "clerk-cli-auth", config.clientId, "credentials@default.json");
  await signIn(config, folder.path);

  const start: StoredSession["start"] = (command, { runtime, config: more } = {}) =>
    startProgram("session", {
      args: [command, JSON.stringify({ ...config, ...more })],
      env,
      ...(runtime && { runtime }),
    });
  return {
    emulator,
    refreshes: () => emulator.requests.filter(({ form }) => form.grant_type === "refresh_token").length,
    start,
    run: (command, options) => resultOf(start(command, options)),
    expireIn: (durationMs) => change(path, (record) => record.expiresAt = Date.now() + durationMs),
    close: async () => {
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

async function signIn(
  config: { clientId: string; issuer: string; storage: "file" },
  folder: string,
): Promise<void> {
  const { createCredentialStore } = await import("@clerk/cli-auth");
  const filePath = join(folder, "clerk-cli-auth", config.clientId, "credentials@default.json");
  const auth = new ClerkCliAuth({
    ...config,
    storage: createCredentialStore("file", { filePath }),
    openBrowser: createScriptedBrowser().opener(),
    ui: "none",
  });
  await auth.login();
}

/** Changes the record in a credential file. */
async function change(path: string, edit: (record: Record<string, unknown>) => void): Promise<void> {
  const file = JSON.parse(await readFile(path, "utf8"));
  const record = JSON.parse(file.entries.tokens);
  edit(record);
  file.entries.tokens = JSON.stringify(record);
  await writeFile(path, JSON.stringify(file));
}
