import { configOf } from "../client/internal_api.ts";
import { type ClerkCliAuthError, type ErrorCode, isClerkCliAuthError } from "../core/errors.ts";
import { printable } from "../core/text.ts";
import type { CommandContext } from "./command.ts";
import type { Screen } from "./screen.ts";

/** What went wrong, in JSON. */
export interface ProblemReport {
  /** The kind of failure. */
  code: ErrorCode;
  /** What is wrong, in one sentence without a final period. */
  message: string;
  /** What to do about it; empty if there is nothing to suggest. */
  action: string;
}

/** What a command with `--json` writes when it fails. */
export interface ErrorReport {
  /** What went wrong. */
  error: ProblemReport;
}

/** Turns an error into a report, with the command to run. */
export function problemOf(
  context: CommandContext,
  { code, message, action }: ClerkCliAuthError,
): ProblemReport {
  return { code, message, action: action || defaultAction(context, code) };
}

function defaultAction({ auth, options }: CommandContext, code: ErrorCode): string {
  if (code !== "not_authenticated") return "";
  const { tokenEnvVar } = configOf(auth);
  return `Run \`${options.name} login\`${tokenEnvVar ? `, or set ${tokenEnvVar}` : ""}`;
}

/**
 * Reports what went wrong and returns the exit code. Errors that are not ours are rethrown.
 */
export function reportError(
  context: CommandContext,
  error: unknown,
  { isJson }: { isJson: boolean },
): number {
  if (!isClerkCliAuthError(error)) throw error;
  const problem = problemOf(context, error);
  showProblem(context.screen, problem);
  if (isJson) context.screen.json({ error: problem } satisfies ErrorReport);
  return error.exitCode;
}

/** Says what is wrong, then what to do. A message may quote a file of the working directory. */
export function showProblem(screen: Screen, { message, action }: { message: string; action: string }): void {
  screen.fail(`${printable(message, 1000)}.`);
  if (action) screen.say(`${action}.`);
}
