import { DEFAULT_PROFILE } from "../../client/internal_api.ts";
import { ClerkCliAuthError, EXIT_CODE } from "../../core/errors.ts";
import { type Account, accountLabel, organizationLabel } from "../../core/account.ts";
import type { Command, CommandContext } from "../command.ts";
import { type CommandLine, table, UsageError } from "../command_line.ts";
import { signOut } from "../logout.ts";
import { reportError } from "../problem.ts";
import { allProfiles, isSignedIn, type KnownProfile, profileName, selectProfile } from "./select.ts";

/** A profile in the output of `profiles list --json` and `profiles use --json`. */
export interface ProfileReport {
  /** The name; `default` for the default profile. */
  name: string;
  /** Whether commands use it by default. */
  current: boolean;
  /** Whether it has a session. */
  signedIn: boolean;
  /** Its account; `null` if unknown. */
  account: Account | null;
}

/** `profiles`: lists the accounts, chooses one or removes one. */
export const profiles: Command = { name: "profiles", run };

async function run(context: CommandContext, line: CommandLine): Promise<number> {
  const [action = "list", name, ...rest] = line.operands;
  if (rest.length > 0) throw new UsageError('"profiles" takes one name');
  const options = { isJson: line.has("json") };
  if (["list", "ls"].includes(action) && name === undefined) return await list(context, options);
  if (action === "use" && name !== undefined) return await use(context, name, options);
  if (action === "remove" && name !== undefined) return await remove(context, name, options);
  throw new UsageError('"profiles" takes "list", "use NAME" or "remove NAME"');
}

async function list(context: CommandContext, { isJson }: { isJson: boolean }): Promise<number> {
  const { screen } = context;
  const current = await currentName(context);
  const reports: ProfileReport[] = [];
  for (const profile of await allProfiles(context)) {
    reports.push(await profileReport(profile, { isCurrent: profile.name === current }));
  }
  if (isJson) screen.json(reports);
  else {screen.data(
      table(reports.map((report) => [`${report.current ? "*" : " "} ${report.name}`, describe(report)])),
    );}
  return EXIT_CODE.SUCCESS;
}

async function profileReport(
  profile: KnownProfile,
  { isCurrent }: { isCurrent: boolean },
): Promise<ProfileReport> {
  const { name, record } = profile;
  return { name, current: isCurrent, signedIn: await isSignedIn(profile), account: record?.account ?? null };
}

/** Returns the profile in use. An invalid choice is only reported: the list helps to choose again. */
async function currentName(context: CommandContext): Promise<string | undefined> {
  try {
    return (await selectProfile(context, { flag: undefined, mayBeNew: true, isReplaced: true })).name;
  } catch (error) {
    reportError(context, error, { isJson: false });
    return undefined;
  }
}

function describe({ account, signedIn }: ProfileReport): string {
  const organization = account && organizationLabel(account);
  const parts = [account && accountLabel(account), organization, signedIn ? "" : "not signed in"];
  return parts.filter(Boolean).join(", ");
}

async function use(
  context: CommandContext,
  given: string,
  { isJson }: { isJson: boolean },
): Promise<number> {
  const profile = await selectProfile(context, { flag: given });
  const { name, files, record } = profile;
  if (!files.areKept) throw notKept();
  await files.choose(name);
  const whose = record ? `, ${accountLabel(record.account)}` : "";
  context.screen.done(`Now using profile "${name}"${whose}.`);
  if (isJson) context.screen.json(await profileReport(profile, { isCurrent: true }));
  return EXIT_CODE.SUCCESS;
}

async function remove(
  context: CommandContext,
  given: string,
  { isJson }: { isJson: boolean },
): Promise<number> {
  if (profileName(given) === DEFAULT_PROFILE) {
    throw new UsageError(
      `The default profile cannot be removed; \`${context.options.name} logout\` signs it out`,
    );
  }
  const profile = await selectProfile(context, { flag: given });
  const { exitCode, report } = await signOut(context, profile, { revoke: true });
  await profile.files.remove(profile.name);
  context.screen.done(`Removed the profile "${profile.name}".`);
  if (isJson) context.screen.json(report);
  return exitCode;
}

function notKept(): ClerkCliAuthError {
  return new ClerkCliAuthError("storage", "There are no profiles: credentials are kept in memory only");
}
