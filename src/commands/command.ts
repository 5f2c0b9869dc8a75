import type { ClerkCliAuth } from "../client/clerk_cli_auth.ts";
import { configOf, lookingIn } from "../client/internal_api.ts";
import { loadRuntime } from "../runtime/load.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { CommandLine } from "./command_line.ts";
import type { AuthCommandName } from "./descriptions.ts";
import { type CommandIo, createScreen, type ResolvedIo, resolveIo, type Screen } from "./screen.ts";

/** How the commands present themselves, and where they look for the name of a profile. */
export interface AuthCommandsOptions {
  /**
   * What a person types before `login`: the name of the program, and of a parent command if there is one.
   * @default the `appName` in lower case, with hyphens for spaces
   */
  name?: string;
  /**
   * Whether the help shows `login --device`: Clerk must let people sign in to the application with a code on another
   * device. `setup --device` asks for that.
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

/** What a command needs. */
export interface CommandContext {
  /** The client as the program created it; the selected profile has one of its own. */
  auth: ClerkCliAuth;
  /** The options, with the name filled in. */
  options: AuthCommandsOptions & { name: string };
  io: ResolvedIo;
  screen: Screen;
  env: (name: string) => string | undefined;
  runtime: Runtime;
}

/** A command: its name, under which it is described, and how to run it. */
export interface Command {
  name: AuthCommandName;
  /** Runs it; returns the exit code. */
  run(context: CommandContext, line: CommandLine): Promise<number>;
}

/** What a context is created from. */
export interface ContextParts {
  auth: ClerkCliAuth;
  options: AuthCommandsOptions;
  io: CommandIo;
}

/** Creates what a command needs. */
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

/** What a person probably types. */
function defaultName(appName = "cli"): string {
  return appName.trim().toLowerCase().replaceAll(/\s+/g, "-");
}
