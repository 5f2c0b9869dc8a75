import { configOf } from "../client/internal_api.ts";
import { type ClerkCliAuthError, type ErrorCode, isClerkCliAuthError } from "../core/errors.ts";
import { printable } from "../core/text.ts";
import type { CommandContext } from "./command.ts";
import type { Screen } from "./screen.ts";

/** An error in JSON. */
export interface ProblemReport {
  /** The error code. */
  code: ErrorCode;
  /** What went wrong, in one sentence without a final period. */
  message: string;
  /** What to do about it; empty if there is nothing to suggest. */
  action: string;
  /** Whether the same command may succeed later without any change. */
  retryable: boolean;
}

/** The output of a failed command with `--json`. */
export interface ErrorReport {
  /** The error. */
  error: ProblemReport;
}

/** Turns an error into a report that names the command to run. */
export function problemOf(context: CommandContext, error: ClerkCliAuthError): ProblemReport {
  const { code, message, retryable } = error;
  return { code, message, action: actionFor(context, error), retryable };
}

/** Returns what to do, with the command to run if signing in helps. */
function actionFor({ auth, options, env }: CommandContext, { code, action }: ClerkCliAuthError): string {
  const isUnableHere = code === "no_browser";
  if (!isUnableHere && (code !== "not_authenticated" || action)) return action;
  const { tokenEnvVar, storage } = configOf(auth);
  const canBeginOnly = storage !== "memory";
  const isForAgent = canBeginOnly && AGENT_VARIABLES.some((name) => env(name) !== undefined);
  const key = isUnableHere ? `set ${tokenEnvVar} to an API key` : `set ${tokenEnvVar}`;
  const login = isForAgent
    ? `run \`${options.name} login --no-wait\` and have the person do what it says`
    : `run \`${options.name} login${isUnableHere ? " --no-wait" : ""}\``;
  const ways = [...(canBeginOnly || !isUnableHere ? [login] : []), ...(tokenEnvVar ? [key] : [])];
  if (isUnableHere && !isForAgent) ways.reverse();
  const text = ways.join(", or ");
  return text.charAt(0).toUpperCase() + text.slice(1) || action;
}

/** The variables that coding agents set for the programs they run. They only affect wording. */
const AGENT_VARIABLES = [
  "AI_AGENT",
  "AGENT",
  "AUGMENT_AGENT",
  "CLAUDECODE",
  "CLINE_ACTIVE",
  "CODEX_SANDBOX",
  "CODEX_THREAD_ID",
  "CURSOR_AGENT",
  "GEMINI_CLI",
  "OPENCODE",
];

/** Reports an error and returns the exit code. Rethrows errors that are not ours. */
export function reportError(
  context: CommandContext,
  error: unknown,
  { isJson }: { isJson: boolean },
): number {
  if (!isClerkCliAuthError(error)) throw error;
  const problem = problemOf(context, error);
  showProblem(context.screen, problem);
  if (isJson) context.screen.jsonLine({ error: problem } satisfies ErrorReport);
  return error.exitCode;
}

/** Shows what went wrong and what to do. A message may quote a file in the working directory. */
export function showProblem(screen: Screen, { message, action }: { message: string; action: string }): void {
  screen.fail(`${printable(message, 1000)}.`);
  if (action) screen.say(`${action}.`);
}
