import process from "node:process";
import { ClerkCliAuth, type ClerkCliAuthConfig } from "@clerk/cli-auth";
import { type AuthCommandsOptions, runAuthCommand } from "@clerk/cli-auth/commands";
import { createEmulator, createScriptedBrowser, type Emulator } from "@clerk/cli-auth/testing";
import { CONFIG_DIRECTORY } from "../../harness/config_directory.ts";
import { makeTemporaryFolder } from "../../harness/temporary_folder.ts";

/** The environment variable of the program's token. */
export const TOKEN_VARIABLE = "BENCH_TOKEN";

/** Further configuration of the program; `undefined` removes an option. */
type BenchConfig = { [Name in keyof ClerkCliAuthConfig]?: ClerkCliAuthConfig[Name] | undefined };

/** How a command is run. */
export interface RunOptions extends AuthCommandsOptions {
  /** The lines on standard input. */
  stdin?: string[];
  /** The streams that are terminals. @default none */
  terminals?: ("stdin" | "stdout" | "stderr")[];
  /** Who signs in. @default the emulator's first user */
  email?: string;
  config?: BenchConfig;
}

/** How a command ended and what it wrote. */
export interface Ran {
  code: number;
  out: string;
  err: string;
}

/** An emulator and a folder of configuration, with a program `notes` that has the ready-made commands. */
export interface Bench {
  emulator: Emulator;
  issuer: string;
  folder: string;
  auth(config?: BenchConfig, email?: string): ClerkCliAuth;
  run(line: string, options?: RunOptions): Promise<Ran>;
  close(): Promise<void>;
}

/** Sets a bench up. */
export async function createBench(): Promise<Bench> {
  const emulator = createEmulator();
  const { issuer, close } = await emulator.listen();
  const folder = await makeTemporaryFolder();
  const before = { [CONFIG_DIRECTORY]: process.env[CONFIG_DIRECTORY], USERPROFILE: process.env.USERPROFILE };
  process.env[CONFIG_DIRECTORY] = folder.path;
  // On Windows, temporary folders are below the home directory: their paths would be shown with a `~`.
  delete process.env.USERPROFILE;
  const auth: Bench["auth"] = (config, email) =>
    new ClerkCliAuth({
      clientId: emulator.application.clientId,
      issuer,
      appName: "Notes",
      storage: "file",
      tokenEnvVar: TOKEN_VARIABLE,
      openBrowser: createScriptedBrowser().opener(email === undefined ? {} : { email }),
      ui: "none",
      ...config,
    } as ClerkCliAuthConfig);
  return {
    emulator,
    issuer,
    folder: folder.path,
    auth,
    run: (line, { config, email, stdin = [], terminals = [], ...options } = {}) => {
      const args = line.split(" ").filter(Boolean);
      return runWith(
        { stdin, terminals },
        (io) => runAuthCommand(auth(config, email), args, { ...options, ...io }),
      );
    },
    async close() {
      await close();
      await folder.remove();
      delete process.env[TOKEN_VARIABLE];
      for (const [name, value] of Object.entries(before)) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    },
  };
}

type Streams = Required<Parameters<typeof runAuthCommand>[2] & object>;

async function runWith(
  { stdin, terminals }: { stdin: string[]; terminals: string[] },
  run: (io: Pick<Streams, "stdin" | "stdout" | "stderr">) => Promise<number>,
): Promise<Ran> {
  const written = { stdout: "", stderr: "" };
  const lines = [...stdin];
  const output = (stream: "stdout" | "stderr") => ({
    write: (text: string) => void (written[stream] += text),
    isTerminal: terminals.includes(stream),
  });
  const code = await run({
    stdout: output("stdout"),
    stderr: output("stderr"),
    stdin: {
      readLine: () => Promise.resolve(lines.shift() ?? null),
      isTerminal: terminals.includes("stdin"),
    },
  });
  return { code, out: written.stdout, err: written.stderr };
}
