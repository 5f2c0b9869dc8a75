import type { ClerkCliAuth } from "../client/clerk_cli_auth.ts";
import { isClerkCliAuthError } from "../core/errors.ts";
import type { AuthCommandsOptions } from "./command.ts";
import type { CommandIo } from "./screen.ts";

/** The options of {@linkcode reportAuthError}. */
export interface ReportOptions extends AuthCommandsOptions {
  /** The streams. @default the standard streams of the process */
  io?: CommandIo;
}

/**
 * Tells a person what went wrong and what to run, on standard error, as the ready-made commands do: for a program's own
 * commands.
 *
 * @param auth The client that the command used.
 * @param error What was thrown; errors that are not of this package are rethrown.
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
  { io = {}, ...options }: ReportOptions = {},
): Promise<number> {
  const { commandContext } = await import("./command.ts");
  const { notSignedIn } = await import("./credential.ts");
  const { reportError } = await import("./problem.ts");
  const isSignedOut = isClerkCliAuthError(error) && error.code === "not_authenticated";
  const context = await commandContext({ auth, options, io });
  return reportError(context, isSignedOut ? await notSignedIn(auth) : error, { isJson: false });
}
