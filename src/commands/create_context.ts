import type { ClerkCliAuth } from "../client/clerk_cli_auth.ts";
import { configOf, runtimeOf } from "../client/command_access.ts";
import type { AuthCommandsOptions, CommandContext } from "./command.ts";
import { type CommandIo, resolveIo } from "./io.ts";
import { createScreen } from "./screen.ts";

/** What a context is made of. */
export interface ContextParts {
  auth: ClerkCliAuth;
  options: AuthCommandsOptions;
  io: CommandIo;
}

/** Makes what a command works with. */
export async function createContext({ auth, options, io }: ContextParts): Promise<CommandContext> {
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
