import type { ClerkCliAuth } from "../client/clerk_cli_auth.ts";
import { authCommands } from "./auth_commands.ts";
import type { AuthCommandsOptions } from "./command.ts";
import { type AuthCommandName, COMMANDS } from "./command_table.ts";
import type { CommandIo } from "./io.ts";

/** How {@linkcode runAuthCommand} runs a command. */
export interface RunAuthCommandOptions extends AuthCommandsOptions, CommandIo {}

/**
 * Tells whether a word is the name of one of the ready commands.
 *
 * @param word What was typed.
 * @returns Whether {@linkcode runAuthCommand} knows it.
 *
 * @example
 * ```ts
 * import { isAuthCommand } from "@clerk/cli-auth/commands";
 *
 * console.log(isAuthCommand("login"), isAuthCommand("add")); // true false
 * ```
 */
export function isAuthCommand(word: string | undefined): word is AuthCommandName {
  return word !== undefined && Object.hasOwn(COMMANDS, word);
}

/**
 * Runs the ready command that the first argument names.
 *
 * @param auth The client.
 * @param args The arguments of the program.
 * @param options The streams and the options of `authCommands()`.
 * @returns The exit code: 2 for what is no command, else that of the command.
 * @throws {ClerkCliAuthError} `config` when the client was made by another copy of this package.
 *
 * @example Say that nobody is signed in
 * ```ts
 * import { ClerkCliAuth } from "@clerk/cli-auth";
 * import { runAuthCommand } from "@clerk/cli-auth/commands";
 *
 * const auth = new ClerkCliAuth({
 *   clientId: "your-client-id",
 *   issuer: "https://your-app.clerk.accounts.dev",
 *   storage: "memory",
 * });
 * console.log(await runAuthCommand(auth, ["status", "--json"], { name: "notes" })); // 1
 * ```
 *
 * @example A whole program
 * ```ts ignore
 * import { ClerkCliAuth } from "@clerk/cli-auth";
 * import { runAuthCommand } from "@clerk/cli-auth/commands";
 *
 * const auth = new ClerkCliAuth({ clientId: "your-client-id", issuer: "https://your-app.clerk.accounts.dev" });
 * Deno.exit(await runAuthCommand(auth, Deno.args, { name: "notes" }));
 * ```
 */
export async function runAuthCommand(
  auth: ClerkCliAuth,
  args: readonly string[],
  options: RunAuthCommandOptions = {},
): Promise<number> {
  const [name, ...rest] = args;
  const { stdin, stdout, stderr, ...presentation } = options;
  const io: CommandIo = { ...(stdin && { stdin }), ...(stdout && { stdout }), ...(stderr && { stderr }) };
  if (isAuthCommand(name)) return await authCommands(auth, presentation)[name](rest, io);
  const { showOverview } = await import("./show_overview.ts");
  return await showOverview({ auth, options: presentation, io }, name);
}
