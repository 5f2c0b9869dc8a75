import { configOf } from "../client/command_access.ts";
import { type ClerkCliAuthError, type ErrorCode, isClerkCliAuthError } from "../core/errors.ts";
import type { CommandContext } from "./command.ts";
import { showProblem } from "./show_problem.ts";

/** What went wrong, in JSON. */
export interface ProblemReport {
  /** What kind of failure it is. */
  code: ErrorCode;
  /** What is wrong, one sentence without a final period. */
  message: string;
  /** What to do about it; empty where nothing can be suggested. */
  action: string;
}

/** What a command with `--json` writes when it fails. */
export interface ErrorReport {
  /** What went wrong. */
  error: ProblemReport;
}

/** Makes a report of an error, with the command to run. */
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
 * Tells what went wrong; gives the exit code. What is no error of ours is thrown on.
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
