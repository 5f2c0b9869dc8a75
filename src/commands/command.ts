import type { ClerkCliAuth } from "../client/clerk_cli_auth.ts";
import { configOf, runtimeOf } from "../client/internal_api.ts";
import type { CommandDescription, CommandLine } from "./command_line.ts";
import { type CommandIo, createScreen, type ResolvedIo, resolveIo, type Screen } from "./screen.ts";

/** How the commands present themselves, and where they look for the name of a profile. */
export interface AuthCommandsOptions {
  /**
   * What a person types before `login`: the name of the program, with a command above these where there is one.
   * @default the `appName` in lower case, its spaces as hyphens
   */
  name?: string;
  /**
   * The environment variable that may name a profile.
   * @default none
   */
  profileEnvVar?: string;
  /**
   * A file in the working folder that may name a profile. What it names must exist, and its use is announced.
   * @default none
   */
  profileFile?: string;
}

/** What a command works with. */
export interface CommandContext {
  /** The client as the program made it; the profile that was selected is on another one. */
  auth: ClerkCliAuth;
  /** The options, with the name filled in. */
  options: AuthCommandsOptions & { name: string };
  io: ResolvedIo;
  screen: Screen;
  env: (name: string) => string | undefined;
}

/** A command, as it is described and run. */
export interface Command extends CommandDescription {
  /** Runs it; gives the exit code. */
  run(context: CommandContext, line: CommandLine): Promise<number>;
}

/** What a context is made of. */
export interface ContextParts {
  auth: ClerkCliAuth;
  options: AuthCommandsOptions;
  io: CommandIo;
}

/** Makes what a command works with. */
export async function commandContext({ auth, options, io }: ContextParts): Promise<CommandContext> {
  const runtime = await runtimeOf(auth);
  const env = (name: string) => runtime.env(name);
  const resolved = resolveIo(io, runtime);
  const name = options.name ?? defaultName(configOf(auth).appName);
  return { auth, options: { ...options, name }, io: resolved, screen: createScreen(resolved, env), env };
}

/** What a person probably types. */
function defaultName(appName = "cli"): string {
  return appName.trim().toLowerCase().replaceAll(/\s+/g, "-");
}
