import {
  adoptToken,
  configOf,
  DEFAULT_PROFILE,
  describeStorage,
  type ExpectedAccount,
  loginAs,
  readSession,
  refuseOther,
} from "../client/internal_api.ts";
import { ClerkCliAuthError, EXIT_CODE } from "../core/errors.ts";
import type { Identity } from "../core/identity.ts";
import { accountLabel, accountOf, organizationLabel } from "../core/account.ts";
import type { Command, CommandContext } from "./command.ts";
import { type CommandLine, UsageError } from "./command_line.ts";
import { shadowingVariable } from "./credential.ts";
import { PROFILE_FLAG, profileOwner, type SelectedProfile, selectProfile } from "./profiles/select.ts";

/** The ways to sign in that a person may ask for. */
const METHODS = ["browser", "paste", "device"] as const;

/** `login`: signs a person in, or reads a token from standard input. */
export const login: Command = {
  name: "login",
  summary: "Sign in",
  flags: [
    { name: "force", summary: "Sign in even if a token variable is set, or the profile is somebody else's" },
    { name: "browser", summary: "Open a browser even if none seems to be here" },
    { name: "paste", summary: "Open no browser; paste the URL your browser ended up on" },
    { name: "no-browser", summary: "The same as --paste" },
    { name: "device", summary: "Open no browser; enter a code on any device" },
    { name: "scopes", value: "A,B", summary: "Ask for these scopes" },
    { name: "with-token", summary: "Read a token from standard input instead" },
    PROFILE_FLAG,
  ],
  run,
};

async function run(context: CommandContext, line: CommandLine): Promise<number> {
  checkFlags(line);
  const { screen } = context;
  const variable = shadowingVariable(context);
  if (variable && !line.has("force")) {
    screen.fail(`${variable} is set, and its token would be used instead of this sign-in.`);
    screen.say(`Unset it, or run \`${context.options.name} login --force\` to sign in anyway.`);
    return EXIT_CODE.GENERAL;
  }
  const flag = line.text("profile");
  const selected = await selectProfile(context, { flag, mayBeNew: true, isReplaced: true });
  const expected = await ownerOf(context, selected, { isForced: line.has("force") });
  const identity = line.has("with-token")
    ? await loginWithToken(context, selected, expected)
    : await loginByPerson(selected, { line, expected });
  await remember(selected, identity);
  announce(context, selected, identity);
  await warnOfPlainStorage(context, selected);
  if (variable) screen.warn(`${variable} is still set: its token is used until you unset it.`);
  return EXIT_CODE.SUCCESS;
}

/**
 * The account that must sign in; `undefined` if anyone may. A profile whose session has ended still belongs to somebody,
 * unless it is the default one, was signed in at another issuer, or the person says `--force`.
 */
async function ownerOf(
  context: CommandContext,
  selected: SelectedProfile,
  { isForced }: { isForced: boolean },
): Promise<ExpectedAccount | undefined> {
  const { name, record, isForeign, auth } = selected;
  if (!record) return undefined;
  const whose = accountLabel(record.account);
  if (isForeign) {
    context.screen.warn(`This replaces the sign-in of ${whose} at ${record.issuer}.`);
    return undefined;
  }
  const isLive = (await readSession(auth).catch(() => null))?.kind === "live";
  if (isLive || (name !== DEFAULT_PROFILE && !isForced)) return profileOwner(context, selected);
  context.screen.say(`The profile "${name}" belonged to ${whose}.`);
  return undefined;
}

function checkFlags(line: CommandLine): void {
  const ways = [...METHODS, "no-browser", "with-token"].filter((flag) => line.has(flag));
  if (ways.length > 1) throw new UsageError(`"--${ways[0]}" and "--${ways[1]}" exclude each other`);
  if (line.has("with-token") && line.text("scopes")) {
    throw new UsageError('"--with-token" and "--scopes" exclude each other');
  }
}

async function loginByPerson(
  { auth }: SelectedProfile,
  { line, expected }: { line: CommandLine; expected: ExpectedAccount | undefined },
): Promise<Identity> {
  const method = line.has("no-browser") ? "paste" : METHODS.find((flag) => line.has(flag));
  const scopes = line.text("scopes")?.split(/[\s,]+/).filter(Boolean);
  const { user } = await loginAs(auth, { ...(method && { method }), ...(scopes && { scopes }), expected });
  return user;
}

async function remember({ auth, name, files }: SelectedProfile, identity: Identity): Promise<void> {
  const { issuer, clientId } = configOf(auth);
  await files.write({ name, issuer, clientId, account: accountOf(identity) });
}

function announce({ screen }: CommandContext, { name }: SelectedProfile, identity: Identity): void {
  const account = accountOf(identity);
  const organization = organizationLabel(account);
  screen.done(
    `Signed in as ${accountLabel(account)}${organization ? `, organization ${organization}` : ""}.`,
  );
  if (name !== DEFAULT_PROFILE) screen.say(`  This is the profile "${name}".`);
}

/** If the keychain should protect the credentials but cannot. */
async function warnOfPlainStorage({ screen }: CommandContext, { auth }: SelectedProfile): Promise<void> {
  const { location, protection } = await describeStorage(auth) ?? {};
  if (configOf(auth).storage !== "keychain" || protection !== "none") return;
  screen.warn(`There is no keychain to use here: ${location} is readable by you only, but not encrypted.`);
}

/**
 * Reads a token from standard input, asks the backend whose it is, and stores it.
 *
 * @throws {ClerkCliAuthError} `config` if there is no `identityEndpoint` to ask, or no token; `verify_api_key` if it is
 * refused; `access_denied` if the profile belongs to someone else.
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
  throw new ClerkCliAuthError("config", "No token came on standard input", {
    exitCode: EXIT_CODE.GENERAL,
    action: "Pipe one in, such as `login --with-token < FILE`",
  });
}
