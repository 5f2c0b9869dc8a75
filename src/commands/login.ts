import {
  adoptToken,
  type AuthEvent,
  configOf,
  DEFAULT_PROFILE,
  describeStorage,
  type ExpectedAccount,
  loginAs,
  type LoginOptions,
  refuseOther,
} from "../client/internal_api.ts";
import { type Account, accountLabel, accountOf, organizationLabel } from "../core/account.ts";
import { DEVICE_CODE_WARNING } from "../core/device_authorization.ts";
import { ClerkCliAuthError, EXIT_CODE, isClerkCliAuthError } from "../core/errors.ts";
import type { Identity } from "../core/identity.ts";
import type { Command, CommandContext } from "./command.ts";
import { type CommandLine, UsageError } from "./command_line.ts";
import { shadowingVariable } from "./credential.ts";
import {
  isSignedIn,
  profileOwner,
  type ProfileSource,
  type SelectedProfile,
  selectProfile,
} from "./profiles/select.ts";
import type { Screen } from "./screen.ts";
import { beginLogin, completeLogin } from "./two_calls.ts";

/** A line of `login --json` while it waits. */
export type LoginProgressReport =
  | {
    status: "device_code";
    verificationUri: string;
    userCode: string;
    /** In ISO 8601. */
    expiresAt: string;
    /** What the user must know. */
    message: string;
  }
  | { status: "authorize_url"; authorizationUrl: string };

/** The last line of `login --json` and `login --complete --json`. */
export interface SignedInReport {
  /** Always `signed_in`. */
  status: "signed_in";
  /** The user's account. */
  account: Account;
  /** The profile and who chose it. */
  profile: { name: string; source: ProfileSource };
}

/** The ways to sign in that have a flag. */
const METHODS = ["browser", "paste", "device"] as const;

/** `login`: signs a user in, or reads a token from standard input. */
export const login: Command = { name: "login", run };

async function run(context: CommandContext, line: CommandLine): Promise<number> {
  checkFlags(line);
  const { screen } = context;
  const variable = shadowingVariable(context);
  if (variable && !line.has("force")) throw shadowed(context, variable);
  const flag = line.text("profile");
  const selected = await selectProfile(context, { flag, mayBeNew: true, isReplaced: true });
  if (line.has("no-wait")) return await beginLogin(context, selected, { ...requestOf(line), line });
  const isSignedInNow = await isSignedIn(selected);
  if (isSignedInNow && !await confirmAgain(context, selected, line)) return EXIT_CODE.SUCCESS;
  const expected = ownerOf(context, selected, { isSignedInNow, isForced: line.has("force") });
  const identity = line.has("with-token")
    ? await loginWithToken(context, selected, expected)
    : line.text("complete") !== undefined
    ? await completeLogin(context, selected, { line, expected })
    : await loginByPerson(context, selected, { line, expected });
  await remember(selected, identity);
  if (line.has("json")) reportSignedIn(context, selected, identity);
  else announce(context, selected, identity);
  await warnOfPlainStorage(context, selected);
  if (variable) screen.warn(`${variable} is still set: its token is used until you unset it.`);
  return EXIT_CODE.SUCCESS;
}

/**
 * Tells users that they are signed in, and asks whether to sign in again. Flags that change more than the way
 * to sign in answer the question. Without anyone to ask, the command goes ahead.
 */
async function confirmAgain(
  { io: { stdin, stderr }, screen, options }: CommandContext,
  { record }: SelectedProfile,
  line: CommandLine,
): Promise<boolean> {
  if (line.text("complete") !== undefined) return true; // Whoever begins and completes a login by calls wants one.
  screen.say(`You are already signed in${record ? ` as ${accountLabel(record.account)}` : ""}.`);
  const isAnswered = ["force", "with-token", "json"].some((flag) => line.has(flag)) ||
    line.text("scopes") !== undefined;
  if (isAnswered || !stdin.isTerminal || !stderr.isTerminal) return true;
  stderr.write("Sign in again? [y/N] ");
  const answer = (await stdin.readLine())?.trim().toLowerCase();
  if (answer === "y" || answer === "yes") return true;
  screen.say(`Nothing was changed. \`${options.name} login --profile NAME\` adds another account.`);
  return false;
}

/**
 * Returns the account that must sign in; `undefined` if anyone may. A profile keeps its owner after its
 * session ends, unless it is the default profile, was signed in at another issuer, or `--force` is given.
 */
function ownerOf(
  context: CommandContext,
  selected: SelectedProfile,
  { isSignedInNow, isForced }: { isSignedInNow: boolean; isForced: boolean },
): ExpectedAccount | undefined {
  const { name, record, isForeign } = selected;
  if (!record) return undefined;
  const whose = accountLabel(record.account);
  if (isForeign) {
    context.screen.warn(`This replaces the sign-in of ${whose} at ${record.issuer}.`);
    return undefined;
  }
  if (isSignedInNow) return profileOwner(context, selected, { hasEnded: false });
  const isKept = name !== DEFAULT_PROFILE && !isForced;
  context.screen.say(`The profile "${name}" ${isKept ? "belongs" : "belonged"} to ${whose}.`);
  return isKept ? profileOwner(context, selected, { hasEnded: true }) : undefined;
}

function checkFlags(line: CommandLine): void {
  const given = (...flags: string[]) =>
    flags.filter((flag) => line.has(flag) || line.text(flag) !== undefined);
  const groups = [
    given(...METHODS, "no-browser", "with-token", "complete"),
    given("with-token", "scopes"),
    given("complete", "scopes"),
    given("no-wait", "with-token", "complete"),
  ];
  for (const [first, second] of groups) {
    if (second) throw new UsageError(`"--${first}" and "--${second}" exclude each other`);
  }
  const timeout = line.text("timeout");
  if (timeout === undefined) return;
  if (line.text("complete") === undefined) throw new UsageError('"--timeout" needs "--complete"');
  if (!/^[1-9]\d{0,3}$/.test(timeout)) throw new UsageError('"--timeout" needs a number of seconds');
}

function shadowed({ options }: CommandContext, variable: string): ClerkCliAuthError {
  const message = `${variable} is set, and its token would be used instead of this sign-in`;
  return new ClerkCliAuthError("config", message, {
    exitCode: EXIT_CODE.GENERAL,
    action: `Unset it, or run \`${options.name} login --force\` to sign in anyway`,
  });
}

async function loginByPerson(
  { screen, options }: CommandContext,
  { auth }: SelectedProfile,
  { line, expected }: { line: CommandLine; expected: ExpectedAccount | undefined },
): Promise<Identity> {
  const onEvent = line.has("json") ? (event: AuthEvent) => reportProgress(screen, event) : undefined;
  try {
    return (await loginAs(auth, { ...requestOf(line), expected, onEvent })).user;
  } catch (error) {
    const isDeviceRefused = line.has("device") && isClerkCliAuthError(error) && error.code === "config";
    if (!isDeviceRefused) throw error;
    const action = `Run \`${options.name} login\`, or \`${options.name} login --paste\``;
    throw new ClerkCliAuthError("config", error.message, {
      exitCode: EXIT_CODE.GENERAL,
      action,
      cause: error,
    });
  }
}

/** Returns the options in the flags. */
function requestOf(line: CommandLine): Pick<LoginOptions, "method" | "scopes"> {
  const method = line.has("no-browser") ? "paste" : METHODS.find((flag) => line.has(flag));
  const scopes = line.text("scopes")?.split(/[\s,]+/).filter(Boolean);
  return { ...(method && { method }), ...(scopes && { scopes }) };
}

function reportProgress(screen: Screen, event: AuthEvent): void {
  if (event.type === "device_code") {
    const { verificationUri, userCode } = event;
    const expiresAt = new Date(event.expiresAt).toISOString();
    const code = { verificationUri, userCode, expiresAt, message: DEVICE_CODE_WARNING };
    screen.jsonLine({ status: "device_code", ...code } satisfies LoginProgressReport);
  } else if (event.type === "authorize_url") {
    screen.jsonLine({ status: "authorize_url", authorizationUrl: event.url } satisfies LoginProgressReport);
  }
}

async function remember({ auth, name, files }: SelectedProfile, identity: Identity): Promise<void> {
  const { issuer, clientId } = configOf(auth);
  await files.write({ name, issuer, clientId, account: accountOf(identity) });
}

function reportSignedIn(
  { screen }: CommandContext,
  { name, source }: SelectedProfile,
  identity: Identity,
): void {
  const account = accountOf(identity);
  screen.jsonLine({ status: "signed_in", account, profile: { name, source } } satisfies SignedInReport);
}

function announce(
  { screen, options }: CommandContext,
  { name, source }: SelectedProfile,
  identity: Identity,
): void {
  const account = accountOf(identity);
  const organization = organizationLabel(account);
  screen.done(
    `Signed in as ${accountLabel(account)}${organization ? `, organization ${organization}` : ""}.`,
  );
  if (name === DEFAULT_PROFILE) return;
  const use = source === "flag" ? `; \`${options.name} profiles use ${name}\` makes it the one in use` : "";
  screen.say(`  Profile: ${name}${use}`);
}

/** Warns if the keychain should protect the credentials but cannot. */
async function warnOfPlainStorage({ screen }: CommandContext, { auth }: SelectedProfile): Promise<void> {
  const { location, protection } = await describeStorage(auth) ?? {};
  if (configOf(auth).storage !== "keychain" || protection !== "none") return;
  screen.warn(`There is no keychain here, so ${location} is not encrypted; only you can read it.`);
}

/**
 * Reads a token from standard input, asks the backend who owns it, and stores it.
 *
 * @throws {ClerkCliAuthError} `config` if there is no `identityEndpoint` or no token, `verify_api_key` if it
 * is rejected, `access_denied` if the profile belongs to someone else.
 */
async function loginWithToken(
  context: CommandContext,
  { auth }: SelectedProfile,
  expected: ExpectedAccount | undefined,
): Promise<Identity> {
  const token = await readToken(context);
  const identity = await auth.verifyToken(token);
  if (expected) refuseOther(expected, identity);
  await adoptToken(auth, token);
  return identity;
}

async function readToken({ io: { stdin }, screen }: CommandContext): Promise<string> {
  if (stdin.isTerminal) screen.say("Paste the token (it stays hidden) and press Enter:");
  const token = (await stdin.readLine({ hidden: true }))?.trim();
  if (token) return token;
  throw new ClerkCliAuthError("config", "There is no token on standard input", {
    exitCode: EXIT_CODE.GENERAL,
    action: "Pipe one in, such as `login --with-token < FILE`",
  });
}
