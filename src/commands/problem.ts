import { configOf, readChallenge } from "../client/internal_api.ts";
import { type ClerkCliAuthError, type ErrorCode, EXIT_CODE, isClerkCliAuthError } from "../core/errors.ts";
import { isTemporary, readOAuthError, readRetryAfter } from "../core/oauth_error.ts";
import { printable } from "../core/text.ts";
import { durationText } from "../core/time.ts";
import type { CommandContext } from "./command.ts";
import { shadowingVariable } from "./credential.ts";
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

/** Reports why a backend rejected a request and what to do; returns the exit code. */
export async function reportResponse(context: CommandContext, response: Response): Promise<number> {
  if (response.ok) return EXIT_CODE.SUCCESS;
  const { description } = readOAuthError(await textOf(response));
  const why = description ? `: ${printable(description, 300)}` : "";
  const { message, action } = await explain(context, response);
  showProblem(context.screen, { message: `${message}${why}`, action });
  return EXIT_CODE.GENERAL;
}

/** A longer body tells the user nothing, in characters. */
const MAX_BODY = 10_000;

/** Reads the body if it may contain an error of OAuth or Clerk. */
async function textOf(response: Response): Promise<string> {
  if (response.bodyUsed) return "";
  if (!response.headers.get("content-type")?.includes("json")) {
    await response.body?.cancel();
    return "";
  }
  const text = await response.text().catch(() => ""); // The status says enough.
  return text.length > MAX_BODY ? "" : text;
}

interface Explanation {
  message: string;
  action: string;
}

async function explain(context: CommandContext, { status, headers, url }: Response): Promise<Explanation> {
  const { name } = context.options;
  const host = URL.canParse(url) ? new URL(url).host : "The backend";
  const variable = shadowingVariable(context);
  const credential = variable ? `the token in ${variable}` : "your sign-in";
  if (status === 401) {
    const action = variable
      ? `Set ${variable} to a valid token, or unset it to use your sign-in`
      : `Run \`${name} login\``;
    return { message: `${host} did not accept ${credential}`, action };
  }
  if (status === 403) {
    const { error, scopes = [] } = await readChallenge(headers.get("www-authenticate")) ?? {};
    const needed = scopes.filter((scope) => /^[\x21-\x7e]{1,100}$/.test(scope));
    if (error !== "insufficient_scope" || needed.length === 0) {
      return { message: `${host} does not let you do this`, action: "" };
    }
    const message = `${host} needs more access than ${credential} gives (${needed.join(", ")})`;
    const asked = [...new Set([...configOf(context.auth).scopes, ...needed])].join(",");
    const action = variable
      ? `Set ${variable} to one that has it`
      : `Run \`${name} login --scopes ${asked}\``;
    return { message, action };
  }
  const message = `${host} answered with status ${status}`;
  if (!isTemporary(status)) return { message, action: "" };
  const afterMs = readRetryAfter(headers.get("retry-after"));
  return { message, action: `Try again ${afterMs ? `in ${durationText(afterMs)}` : "later"}` };
}
