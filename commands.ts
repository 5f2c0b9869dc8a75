/**
 * Ready-made commands for your CLI: `login`, `logout`, `whoami`, `status`, `token` and `profiles`. Messages
 * go to standard error, data to standard output.
 *
 * @example A whole program
 * ```ts ignore
 * import { ClerkCliAuth } from "@clerk/cli-auth";
 * import { runAuthCommand } from "@clerk/cli-auth/commands";
 *
 * const auth = new ClerkCliAuth({ clientId: "your-client-id", issuer: "https://your-app.clerk.accounts.dev" });
 * Deno.exit(await runAuthCommand(auth, Deno.args, { name: "notes" }));
 * ```
 *
 * @example In commander
 * ```ts ignore
 * const commands = authCommands(auth, { name: "notes" });
 * for (const [name, run] of Object.entries(commands)) {
 *   program.command(name).description(run.summary).helpOption(false).allowUnknownOption().allowExcessArguments()
 *     .action(async (_, { args }) => void (process.exitCode = await run(args)));
 * }
 * ```
 *
 * @module
 */
export {
  type AuthCommand,
  type AuthCommands,
  authCommands,
  isAuthCommand,
  reportAuthError,
  type ReportOptions,
  reportRefusal,
  runAuthCommand,
  type RunAuthCommandOptions,
  type SelectedProfileOptions,
  withSelectedProfile,
} from "./src/commands/auth_commands.ts";
export type {
  AuthCommandAction,
  AuthCommandDescription,
  AuthCommandFlag,
  AuthCommandName,
} from "./src/commands/descriptions.ts";
export type { CheckName, CheckReport, CheckResult } from "./src/commands/check.ts";
export type { AuthCommandsOptions } from "./src/commands/command.ts";
export type { CommandIo, InputStream, OutputStream } from "./src/commands/screen.ts";
export type { Account } from "./src/core/account.ts";
export type { LoginProgressReport, SignedInReport } from "./src/commands/login.ts";
export type { RevocationReport, SignOutReport } from "./src/commands/logout.ts";
export type { ErrorReport, ProblemReport } from "./src/commands/problem.ts";
export type { ProfileReport } from "./src/commands/profiles/command.ts";
export type { ProfileSource } from "./src/commands/profiles/select.ts";
export type { CredentialReport, StatusReport, StorageReport } from "./src/commands/status.ts";
export type { LoginActionReport } from "./src/commands/two_calls.ts";
export type { TokenReport, WhoamiReport } from "./src/commands/whoami_and_token.ts";
