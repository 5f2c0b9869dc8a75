import type { ClerkCliAuth } from "../client/clerk_cli_auth.ts";
import { configOf } from "../client/internals.ts";
import type { AuthCommandsOptions, Command } from "./command.ts";
import { type AuthCommandName, COMMANDS } from "./command_table.ts";
import type { CommandIo } from "./io.ts";

/**
 * A ready command.
 *
 * @param args What follows its name, as it was typed.
 * @param io The streams; those that are not given are the standard streams of the process.
 * @returns The exit code: one of `EXIT_CODE`.
 */
export type AuthCommand = (args: readonly string[], io?: CommandIo) => Promise<number>;

/** The ready commands by name. */
export type AuthCommands = Readonly<Record<AuthCommandName, AuthCommand>>;

/**
 * Makes the ready commands of a client: `login`, `logout`, `whoami`, `status`, `token` and `profiles`. Each takes its
 * arguments and gives an exit code; text for people goes to standard error, data to standard output.
 *
 * @param auth The client.
 * @param options How they present themselves, and where they look for the name of a profile.
 * @returns The commands by name.
 * @throws {ClerkCliAuthError} `config` when the client was made by another copy of this package.
 *
 * @example A command in an argument parser of your own
 * ```ts
 * import { ClerkCliAuth } from "@clerk/cli-auth";
 * import { authCommands } from "@clerk/cli-auth/commands";
 *
 * const auth = new ClerkCliAuth({
 *   clientId: "your-client-id",
 *   issuer: "https://your-app.clerk.accounts.dev",
 *   storage: "memory",
 * });
 * const { status } = authCommands(auth, { name: "notes" });
 * console.log(await status(["--json"])); // 1: nobody is signed in
 * ```
 */
export function authCommands(auth: ClerkCliAuth, options: AuthCommandsOptions = {}): AuthCommands {
  configOf(auth); // A client that these commands cannot work with is told so at once.
  const command = (load: () => Promise<Command>): AuthCommand => async (args, io = {}) => {
    const { createContext } = await import("./create_context.ts");
    const { runCommand } = await import("./run_command.ts");
    return await runCommand(await load(), args, await createContext({ auth, options, io }));
  };
  return {
    login: command(COMMANDS.login),
    logout: command(COMMANDS.logout),
    whoami: command(COMMANDS.whoami),
    status: command(COMMANDS.status),
    token: command(COMMANDS.token),
    profiles: command(COMMANDS.profiles),
  };
}
