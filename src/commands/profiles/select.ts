import type { ClerkCliAuth } from "../../client/clerk_cli_auth.ts";
import {
  configOf,
  DEFAULT_PROFILE,
  type ExpectedAccount,
  parseProfile,
  ProfileFiles,
  type ProfileRecord,
  type ProfileSource as ClientProfileSource,
  readSession,
  selectProfileOf,
} from "../../client/internal_api.ts";
import { ClerkCliAuthError, EXIT_CODE, isClerkCliAuthError } from "../../core/errors.ts";
import type { CommandContext } from "../command.ts";
import { UsageError } from "../command_line.ts";
import { shadowingVariable } from "../credential.ts";
import { accountLabel } from "../../core/account.ts";

/** Who chose the profile: `--profile`, the program, or whatever the client looks at. */
export type ProfileSource = "flag" | "config" | Exclude<ClientProfileSource, "pinned">;

/** The profile that a command works on. */
export interface SelectedProfile {
  /** The name; `default` for the default profile. */
  name: string;
  source: ProfileSource;
  /** What is known about it; `null` if nothing is. */
  record: ProfileRecord | null;
  /** Whether it is signed in at another issuer. */
  isForeign: boolean;
  /** The client of the profile. */
  auth: ClerkCliAuth;
  files: ProfileFiles;
}

interface SelectOptions {
  /** The value of `--profile`. */
  flag: string | undefined;
  /** Whether the flag or the variable may name a new profile. */
  mayBeNew?: boolean;
  /** Whether it will be replaced or removed, so that its record may be corrupt or another issuer's. */
  isReplaced?: boolean;
}

/**
 * Selects the profile: by `--profile`, or else as the client does.
 *
 * @throws {ClerkCliAuthError} `config` if the name is invalid or the profile does not exist or belongs to
 * another issuer.
 */
export async function selectProfile(
  context: CommandContext,
  { flag, mayBeNew = false, isReplaced = false }: SelectOptions,
): Promise<SelectedProfile> {
  const { name, source } = await namedProfile(context, flag);
  const auth = context.auth.withProfile(name); // Pins the profile, whoever named it.
  const files = openProfiles(context);
  const record = await files.read(name).catch((error) => {
    if (isReplaced && isClerkCliAuthError(error)) return null; // The owner is lost.
    throw error;
  });
  const isForeign = record !== null && record.issuer !== configOf(auth).issuer;
  if (isForeign && !isReplaced) throw otherIssuer(context, record);
  const selected = { name, source, record, isForeign, auth, files };
  const isNew = mayBeNew && source !== "file";
  if (!isNew && !await exists(selected)) throw unknownProfile(context, selected);
  return selected;
}

async function namedProfile(
  { auth, screen }: CommandContext,
  flag: string | undefined,
): Promise<Pick<SelectedProfile, "name" | "source">> {
  if (flag !== undefined) return { name: profileName(flag), source: "flag" };
  const { name, source } = await selectProfileOf(auth);
  if (source === "file") screen.say(`Using profile "${name}" (from ${configOf(auth).profileFile})`);
  return { name, source: source === "pinned" ? "config" : source };
}

/**
 * Rejects `--profile` if a token in the environment would be used instead.
 *
 * @throws {UsageError} If both are set.
 */
export function refuseFlagBesideToken(context: CommandContext, flag: string | undefined): void {
  const variable = flag === undefined ? undefined : shadowingVariable(context);
  if (variable) throw new UsageError(`"--profile" has no effect while ${variable} is set: unset it`);
}

/** Reports whether a profile exists. If the program itself signed it in, it only has credentials. */
async function exists({ name, source, record, auth, files }: SelectedProfile): Promise<boolean> {
  if (record || name === DEFAULT_PROFILE || source === "config" || !files.areKept) return true;
  return await readSession(auth) !== null;
}

function unknownProfile(
  { auth, options }: CommandContext,
  { name, source }: SelectedProfile,
): ClerkCliAuthError {
  const { profileEnvVar, profileFile } = configOf(auth);
  const where = source === "file"
    ? ` (from ${profileFile})`
    : source === "env"
    ? ` (from ${profileEnvVar})`
    : "";
  return new ClerkCliAuthError("config", `There is no profile "${name}"${where}`, {
    exitCode: EXIT_CODE.GENERAL,
    action:
      `Run \`${options.name} login --profile ${name}\` to create it, or \`${options.name} profiles\` to see those you have`,
  });
}

function otherIssuer({ auth, options }: CommandContext, { name, issuer }: ProfileRecord): ClerkCliAuthError {
  const command = `${options.name} login${name === DEFAULT_PROFILE ? "" : ` --profile ${name}`}`;
  return new ClerkCliAuthError("config", `The profile "${name}" is signed in at ${issuer}`, {
    exitCode: EXIT_CODE.GENERAL,
    action: `Run \`${command}\` to sign in at ${configOf(auth).issuer} instead`,
  });
}

function openProfiles({ auth, runtime }: CommandContext): ProfileFiles {
  return new ProfileFiles({ runtime, config: configOf(auth) });
}

/**
 * Checks the name of a profile.
 *
 * @throws {ClerkCliAuthError} `config` if it is invalid.
 */
export function profileName(text: string): string {
  return parseProfile(text.trim());
}

/** Returns the owner of a profile, who alone may sign in to it; `undefined` if it is free. */
export function profileOwner(
  { options }: CommandContext,
  { name, record }: SelectedProfile,
  { hasEnded }: { hasEnded: boolean },
): ExpectedAccount | undefined {
  if (!record) return undefined;
  const { account } = record;
  const program = options.name;
  const release = hasEnded
    ? `replace it with \`${program} login --profile ${name} --force\``
    : `run \`${program} ${name === DEFAULT_PROFILE ? "logout" : `profiles remove ${name}`}\` first`;
  return {
    subject: account.subject,
    organization: account.organization?.id,
    remedy: `The profile "${name}" belongs to ${accountLabel(account)}: sign in as that account, ` +
      `${release}, or use another profile with \`${program} login --profile NAME\``,
  };
}

/** A profile that something is known about, or the default profile. */
export interface KnownProfile {
  name: string;
  record: ProfileRecord | null;
  isForeign: boolean;
  auth: ClerkCliAuth;
  files: ProfileFiles;
}

/** Lists all known profiles, the default profile first. */
export async function allProfiles(context: CommandContext): Promise<KnownProfile[]> {
  const files = openProfiles(context);
  const { issuer } = configOf(context.auth);
  const named = new Map<string, ProfileRecord | null>([[DEFAULT_PROFILE, null]]);
  // A profile that the program itself signed in only has credentials.
  for (const name of await files.withCredentials()) named.set(name, null);
  for (const record of await files.list()) named.set(record.name, record);
  return [...named].map(([name, record]) => ({
    name,
    record,
    isForeign: record !== null && record.issuer !== issuer,
    auth: context.auth.withProfile(name),
    files,
  }));
}

/** Reports whether a profile has a session that has not ended. An unreadable one does not count; `status` says why. */
export async function isSignedIn({ auth }: Pick<KnownProfile, "auth">): Promise<boolean> {
  const record = await readSession(auth).catch(() => null);
  if (record?.kind !== "live") return false;
  const { refreshToken, expiresAt = Infinity } = record.tokens;
  return refreshToken !== undefined || expiresAt > Date.now();
}
