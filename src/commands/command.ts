import type { ClerkCliAuth } from "../client/clerk_cli_auth.ts";
import { configOf, lookingIn } from "../client/internal_api.ts";
import { loadRuntime } from "../runtime/load.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { CommandLine } from "./command_line.ts";
import type { AuthCommandName } from "./descriptions.ts";
import { type CommandIo, createScreen, type ResolvedIo, resolveIo, type Screen } from "./screen.ts";

/** How the commands present themselves, and where to look for the name of a profile. */
export interface AuthCommandsOptions {
  /**
   * What users type before `login`: the name of the program, and of the parent command if there is one.
   * @default the `appName` in lower case, with hyphens for spaces
   */
  name?: string;
  /**
   * Whether the help shows `login --device`. Clerk must allow the device grant for the application, which
   * `setup --device` enables.
   * @default false
   */
  device?: boolean;
  /**
   * The environment variable that may name a profile.
   * @deprecated Configure it on `ClerkCliAuth`, so that the program's own calls use the same profile.
   */
  profileEnvVar?: string;
  /**
   * A file in the working directory that may name a profile.
   * @deprecated Configure it on `ClerkCliAuth`, so that the program's own calls use the same profile.
   */
  profileFile?: string;
}

export interface CommandContext {
  /** The client as the program created it. The selected profile has a client of its own. */
  auth: ClerkCliAuth;
  /** The options, with the default name filled in. */
  options: AuthCommandsOptions & { name: string };
  io: ResolvedIo;
  screen: Screen;
  env: (name: string) => string | undefined;
  runtime: Runtime;
}

/** A command: the name of its description, and how to run it. */
export interface Command {
  name: AuthCommandName;
  /** Runs the command; returns the exit code. */
  run(context: CommandContext, line: CommandLine): Promise<number>;
}

export interface ContextParts {
  auth: ClerkCliAuth;
  options: AuthCommandsOptions;
  io: CommandIo;
}

export async function commandContext({ auth, options, io }: ContextParts): Promise<CommandContext> {
  const runtime = await loadRuntime();
  const env = (name: string) => runtime.env(name);
  const resolved = resolveIo(io, runtime);
  const name = options.name ?? defaultName(configOf(auth).appName);
  const selecting = lookingIn(auth, options);
  return {
    auth: selecting,
    options: { ...options, name },
    io: resolved,
    screen: createScreen(resolved, env),
    env,
    runtime,
  };
}

/** Guesses what users type. */
function defaultName(appName = "cli"): string {
  return appName.trim().toLowerCase().replaceAll(/\s+/g, "-");
}
