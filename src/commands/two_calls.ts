import {
  completeLoginAs,
  configOf,
  type LoginInstructions,
  type LoginOptions,
  methodOfPending,
} from "../client/internal_api.ts";
import type { ExpectedAccount } from "../core/account.ts";
import { DEVICE_CODE_WARNING } from "../core/device_authorization.ts";
import { ClerkCliAuthError, type ErrorCode, EXIT_CODE, isClerkCliAuthError } from "../core/errors.ts";
import type { Identity } from "../core/identity.ts";
import { durationText, stopSignal, unlessAborted } from "../core/time.ts";
import type { CommandContext } from "./command.ts";
import { type CommandLine, UsageError } from "./command_line.ts";
import type { SelectedProfile } from "./profiles/select.ts";

/** The output of `login --no-wait --json`: what the user must do, and what to run next. */
export type LoginActionReport =
  & {
    status: "action_required";
    /** The handle for `--complete`. */
    login: string;
    /** When the login expires, in ISO 8601. */
    expiresAt: string;
    /** What the user must know. */
    message: string;
    /** The next command, as a list of arguments rather than for a shell. */
    next: string[];
  }
  & (
    | { method: "device"; verificationUri: string; userCode: string }
    | { method: "paste"; authorizationUrl: string }
  );

/** Starts a login that a later command completes, and says what the user must do. */
export async function beginLogin(
  context: CommandContext,
  selected: SelectedProfile,
  { line, method = "auto", scopes }: LoginOptions & { line: CommandLine },
): Promise<number> {
  if (method === "browser") throw new UsageError('"--no-wait" opens no browser');
  const begun = await selected.auth.beginLogin({ method, ...(scopes && { scopes }) });
  const next = command(context, ["--complete", begun.login], { selected, line });
  if (line.has("json")) {
    const { expiresAt, ...instructions } = begun;
    context.screen.jsonLine(
      {
        status: "action_required",
        ...instructions,
        expiresAt: new Date(expiresAt).toISOString(),
        message: begun.method === "device" ? DEVICE_CODE_WARNING : PASTE_MESSAGE,
        next: [...next, "--json"],
      } satisfies LoginActionReport,
    );
  } else {
    context.screen.data([...instructionsFor(context, begun), next.join(" ")].join("\n"));
  }
  return EXIT_CODE.SUCCESS;
}

const PASTE_MESSAGE =
  "Open it in any browser. Give the URL that the browser ends up on to the next command on its " +
  "standard input, never as an argument.";

function instructionsFor({ auth, runtime }: CommandContext, begun: LoginInstructions): string[] {
  const { appName } = configOf(auth);
  const purpose = appName ? `Sign in to ${appName}` : "Sign in";
  const left = durationText(begun.expiresAt - runtime.now());
  if (begun.method === "paste") {
    return [
      `${purpose} in any browser, within ${left}. Open`,
      begun.authorizationUrl,
      "Copy the URL that the browser ends up on, a page that it cannot open. Then run this,",
      "and paste the URL or pipe it in, never as an argument:",
    ];
  }
  return [
    `${purpose} on any device with a browser, within ${left}. Open`,
    begun.verificationUri,
    "and enter this code:",
    begun.userCode,
    DEVICE_CODE_WARNING,
    "Then run:",
  ];
}

/** What the two commands of a login have in common. */
interface Choice {
  selected: SelectedProfile;
  line: CommandLine;
}

/** Returns a `login` command for the same profile, as a list of arguments. What chose it may change in between. */
function command(
  { options }: CommandContext,
  flags: readonly string[],
  { selected: { name, source }, line }: Choice,
): string[] {
  const isNamed = source !== "default" && source !== "config";
  return [
    ...options.name.split(/\s+/),
    "login",
    ...flags,
    ...(isNamed ? ["--profile", name] : []),
    ...(line.has("force") ? ["--force"] : []),
  ];
}

/** How long `--complete` waits by default, in seconds. */
const PATIENCE_SECONDS = "20";

/** Completes a pending login; asks for the URL if it must be pasted. */
export async function completeLogin(
  context: CommandContext,
  selected: SelectedProfile,
  { line, expected }: { line: CommandLine; expected: ExpectedAccount | undefined },
): Promise<Identity> {
  const login = line.text("complete") || undefined;
  const timeoutMs = 1000 * Number(line.text("timeout") ?? PATIENCE_SECONDS);
  try {
    const isPaste = await methodOfPending(selected.auth, login) === "paste";
    const response = isPaste ? await readResponse(context, timeoutMs) : undefined;
    const { user } = await completeLoginAs(selected.auth, {
      ...(login !== undefined && { login }),
      ...(response !== undefined && { response }),
      timeoutMs,
      expected,
    });
    return user;
  } catch (error) {
    throw isClerkCliAuthError(error) ? withCommand(context, error, { selected, line, login }) : error;
  }
}

/** Reads what a user pastes or an agent pipes in. A pipe may stay open without sending anything. */
async function readResponse({ io: { stdin }, screen }: CommandContext, timeoutMs: number): Promise<string> {
  if (stdin.isTerminal) {
    screen.say("Paste the URL your browser ended up on (it stays hidden) and press Enter:");
  }
  const timedOut = () =>
    new ClerkCliAuthError("timeout", "There is no URL on standard input", { retryable: true });
  const stop = stopSignal(stdin.isTerminal ? {} : { timeoutMs, timedOut });
  try {
    const reading = stdin.readLine({ hidden: true, signal: stop.signal });
    const response = (await unlessAborted(reading, stop.signal))?.trim();
    if (response) return response;
    throw new ClerkCliAuthError("config", "There is no URL on standard input", {
      exitCode: EXIT_CODE.GENERAL,
      action: "Pipe in the URL that the browser ended up on",
    });
  } finally {
    stop.release();
  }
}

/** Adds the command to run to an error. */
function withCommand(
  context: CommandContext,
  error: ClerkCliAuthError,
  { login, ...choice }: Choice & { login: string | undefined },
): ClerkCliAuthError {
  const run = (...flags: string[]) => `Run \`${command(context, flags, choice).join(" ")}\``;
  const isUnnamed = login === undefined && error.code === "config";
  const actions: Partial<Record<ErrorCode, string>> = {
    not_authenticated: `${run("--no-wait")} to begin anew`,
    timeout: `${run("--complete", ...(login === undefined ? [] : [login]))} again`,
    ...(isUnnamed && { config: `${run("--complete", "ID")} for one of them` }),
  };
  const action = actions[error.code] ?? error.action;
  return new ClerkCliAuthError(error.code, error.message, { ...error, action, cause: error });
}
