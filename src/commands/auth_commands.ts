import type { ClerkCliAuth } from "../client/clerk_cli_auth.ts";
import { configOf } from "../client/auth_state.ts";
import { isClerkCliAuthError } from "../core/errors.ts";
import type { AuthCommandsOptions, Command } from "./command.ts";
import { type AuthCommandDescription, type AuthCommandName, describeCommand } from "./descriptions.ts";
import type { CommandIo } from "./screen.ts";

/** Loads each command on demand, so that a program only pays for the one it runs. */
const COMMANDS: Readonly<Record<AuthCommandName, () => Promise<Command>>> = {
  login: async () => (await import("./login.ts")).login,
  logout: async () => (await import("./logout.ts")).logout,
  whoami: async () => (await import("./whoami_and_token.ts")).whoami,
  status: async () => (await import("./status.ts")).status,
  token: async () => (await import("./whoami_and_token.ts")).token,
  profiles: async () => (await import("./profiles/command.ts")).profiles,
};

/** A ready-made command: a function, with what argument parsers need for help and completions. */
export interface AuthCommand extends AuthCommandDescription {
  /**
   * Runs the command.
   *
   * @param args The arguments after its name.
   * @param io The streams; those of the process by default.
   * @returns The exit code, one of `EXIT_CODE`.
   */
  (args: readonly string[], io?: CommandIo): Promise<number>;
}

/** The commands by name. */
export type AuthCommands = Readonly<Record<AuthCommandName, AuthCommand>>;

/**
 * Creates the ready-made commands of a client: `login`, `logout`, `whoami`, `status`, `token` and `profiles`.
 * Each takes its arguments and returns an exit code. Messages go to standard error, data to standard output.
 * Each command also has a summary and flags, for the help and completions of an argument parser.
 *
 * @param auth The client.
 * @param options How the commands present themselves.
 * @returns The commands by name.
 * @throws {ClerkCliAuthError} `config` if a different copy of this package created the client.
 *
 * @example A command in your own argument parser
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
 * console.log(status.summary); // Show the sign-in and how it is kept
 * console.log(await status(["--json"])); // 1: nobody is signed in
 * ```
 */
export function authCommands(auth: ClerkCliAuth, options: AuthCommandsOptions = {}): AuthCommands {
  configOf(auth); // Throws if these commands cannot use the client.
  const command = (name: AuthCommandName): AuthCommand =>
    Object.assign(async (args: readonly string[], io: CommandIo = {}) => {
      const { commandContext } = await import("./command.ts");
      const { runCommand } = await import("./run.ts");
      return await runCommand(await COMMANDS[name](), args, await commandContext({ auth, options, io }));
    }, describeCommand(name, options));
  return {
    login: command("login"),
    logout: command("logout"),
    whoami: command("whoami"),
    status: command("status"),
    token: command("token"),
    profiles: command("profiles"),
  };
}

/** The options of {@linkcode runAuthCommand}. */
export interface RunAuthCommandOptions extends AuthCommandsOptions, CommandIo {}

/**
 * Reports whether a word is the name of a ready-made command.
 *
 * @param word The word, typically the first argument.
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
 * Runs the ready-made command that the first argument names.
 *
 * @param auth The client.
 * @param args The arguments of the program.
 * @param options The streams and the options of `authCommands()`.
 * @returns The exit code of the command, or 2 if there is no such command.
 * @throws {ClerkCliAuthError} `config` if a different copy of this package created the client.
 *
 * @example Check whether someone is signed in
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
  const { io, presentation } = withoutStreams(options);
  if (isAuthCommand(name)) return await authCommands(auth, presentation)[name](rest, io);
  const { showOverview } = await import("./run.ts");
  return await showOverview({ auth, options: presentation, io }, name);
}

/** Separates the streams from the other options. */
function withoutStreams(
  { stdin, stdout, stderr, ...presentation }: ReportOptions,
): { io: CommandIo; presentation: AuthCommandsOptions } {
  const io = { ...(stdin && { stdin }), ...(stdout && { stdout }), ...(stderr && { stderr }) };
  return { io, presentation };
}

/** The options of {@linkcode withSelectedProfile}. */
export interface SelectedProfileOptions extends AuthCommandsOptions {
  /** The profile that the user named, for example with a flag of your program. It takes precedence. */
  profile?: string | undefined;
}

/**
 * Returns the client for the profile that the user selected. A client does that by itself, but this also
 * checks that the profile exists and announces one that a file names.
 *
 * @deprecated Configure `profileEnvVar` and `profileFile` on `ClerkCliAuth`, or use `auth.withProfile(name)`.
 * @param auth The client.
 * @param options The name, and the options of `authCommands()`.
 * @returns The client for that profile.
 * @throws {ClerkCliAuthError} `config` if the name is invalid or the profile does not exist or belongs to
 * another issuer.
 *
 * @example
 * ```ts
 * import { ClerkCliAuth } from "@clerk/cli-auth";
 * import { withSelectedProfile } from "@clerk/cli-auth/commands";
 *
 * const auth = new ClerkCliAuth({
 *   clientId: "your-client-id",
 *   issuer: "https://your-app.clerk.accounts.dev",
 *   storage: "memory",
 * });
 * const selected = await withSelectedProfile(auth, { profile: "work" });
 * console.log(await selected.getTokenSet()); // null
 * ```
 */
export async function withSelectedProfile(
  auth: ClerkCliAuth,
  options: SelectedProfileOptions = {},
): Promise<ClerkCliAuth> {
  const { commandContext } = await import("./command.ts");
  const { selectProfile } = await import("./profiles/select.ts");
  const { profile: flag, ...presentation } = options;
  const context = await commandContext({ auth, options: presentation, io: {} });
  return (await selectProfile(context, { flag })).auth;
}

/** The options of {@linkcode reportAuthError} and {@linkcode reportRefusal}. */
export interface ReportOptions extends AuthCommandsOptions, CommandIo {}

/**
 * Reports an error on standard error as the ready-made commands do: what went wrong and what to run. Use it
 * in your own commands.
 *
 * @param auth The client that the command used.
 * @param error The caught error; rethrown if it is not one of this package.
 * @param options The options of `authCommands()`, and the streams.
 * @returns The exit code.
 *
 * @example
 * ```ts
 * import { ClerkCliAuth } from "@clerk/cli-auth";
 * import { reportAuthError } from "@clerk/cli-auth/commands";
 *
 * const auth = new ClerkCliAuth({
 *   clientId: "your-client-id",
 *   issuer: "https://your-app.clerk.accounts.dev",
 *   storage: "memory",
 * });
 * try {
 *   await auth.resolveToken();
 * } catch (error) {
 *   console.log(await reportAuthError(auth, error, { name: "notes" })); // 1: Run `notes login`
 * }
 * ```
 */
export async function reportAuthError(
  auth: ClerkCliAuth,
  error: unknown,
  options: ReportOptions = {},
): Promise<number> {
  const { commandContext } = await import("./command.ts");
  const { notSignedIn } = await import("./credential.ts");
  const { reportError } = await import("./problem.ts");
  const isSignedOut = isClerkCliAuthError(error) && error.code === "not_authenticated";
  const { io, presentation } = withoutStreams(options);
  const context = await commandContext({ auth, options: presentation, io });
  return reportError(context, isSignedOut ? await notSignedIn(auth) : error, { isJson: false });
}

/**
 * Reports on standard error why a backend rejected a request of your program, and what to run. The response
 * must come from `auth.fetch()`, because the advice depends on the credential that was sent.
 *
 * @param auth The client that sent the request.
 * @param response The response, with its body unread. Nothing is written for a success.
 * @param options The options of `authCommands()`, and the streams.
 * @returns The exit code, 0 for a success.
 *
 * @example
 * ```ts
 * import { ClerkCliAuth } from "@clerk/cli-auth";
 * import { reportRefusal } from "@clerk/cli-auth/commands";
 *
 * const auth = new ClerkCliAuth({
 *   clientId: "your-client-id",
 *   issuer: "https://your-app.clerk.accounts.dev",
 *   storage: "memory",
 * });
 * const response = new Response(null, { status: 404 }); // in place of `await auth.fetch(url)`
 * if (!response.ok) console.log(await reportRefusal(auth, response, { name: "notes" })); // 1
 * ```
 */
export async function reportRefusal(
  auth: ClerkCliAuth,
  response: Response,
  options: ReportOptions = {},
): Promise<number> {
  const { commandContext } = await import("./command.ts");
  const { reportResponse } = await import("./credential.ts");
  const { io, presentation } = withoutStreams(options);
  return await reportResponse(await commandContext({ auth, options: presentation, io }), response);
}
