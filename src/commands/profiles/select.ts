import type { ClerkCliAuth } from "../../client/clerk_cli_auth.ts";
import {
  atProfile,
  configOf,
  DEFAULT_PROFILE,
  type ExpectedAccount,
  parseProfile,
  ProfileFiles,
  type ProfileRecord,
  readSession,
  refuseOther,
  runtimeOf,
} from "../../client/internal_api.ts";
import { ClerkCliAuthError, EXIT_CODE } from "../../core/errors.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { CommandContext } from "../command.ts";
import type { Flag } from "../command_line.ts";
import type { Identity } from "../../core/identity.ts";
import { accountLabel } from "../../core/account.ts";

/** Who named the profile. */
export type ProfileSource = "flag" | "env" | "file" | "chosen" | "config" | "default";

/** The profile that a command works on. */
export interface SelectedProfile {
  /** Its name; `default` for the record without one. */
  name: string;
  source: ProfileSource;
  /** What is known about it; `null` if nothing is. */
  record: ProfileRecord | null;
  /** The client that uses its record. */
  auth: ClerkCliAuth;
  files: ProfileFiles;
}

/** How a profile is selected. */
interface SelectOptions {
  /** The value of `--profile`. */
  flag: string | undefined;
  /** Whether the flag and the variable may name a profile that does not exist yet. */
  mayBeNew?: boolean;
}

/**
 * Selects the profile. The flag names it, else the environment variable, the file in the working directory, the choice
 * made with `profiles use`, or the program.
 *
 * @throws {ClerkCliAuthError} `config` if the name is invalid, there is no such profile, or it belongs to another issuer.
 */
export async function selectProfile(
  context: CommandContext,
  { flag, mayBeNew = false }: SelectOptions,
): Promise<SelectedProfile> {
  const files = await openProfiles(context);
  const { name, source } = await namedProfile(context, files, flag);
  const auth = authOf(context, name);
  const record = await files.read(name);
  const { issuer } = configOf(auth);
  if (record && record.issuer !== issuer) throw otherIssuer(record, context.options.name);
  const selected = { name, source, record, auth, files };
  const isNew = mayBeNew && source !== "file";
  if (!isNew && !await exists(selected)) throw unknownProfile(context, selected);
  return selected;
}

async function namedProfile(
  { auth, env, options, screen }: CommandContext,
  files: ProfileFiles,
  flag: string | undefined,
): Promise<Pick<SelectedProfile, "name" | "source">> {
  if (flag !== undefined) return { name: profileName(flag), source: "flag" };
  const fromEnv = options.profileEnvVar && env(options.profileEnvVar);
  if (fromEnv) return { name: profileName(fromEnv), source: "env" };
  const name = options.profileFile && await readProfileFile(await runtimeOf(auth), options.profileFile);
  if (name) {
    screen.say(`Using the profile "${name}", as ${options.profileFile} says.`);
    return { name, source: "file" };
  }
  const chosen = await files.chosen();
  if (chosen !== undefined) return { name: chosen, source: "chosen" };
  const { profile } = configOf(auth);
  return profile === undefined
    ? { name: DEFAULT_PROFILE, source: "default" }
    : { name: profile, source: "config" };
}

/** A profile exists if something is known about it; one that the program signed in itself only has credentials. */
async function exists({ name, source, record, auth, files }: SelectedProfile): Promise<boolean> {
  if (record || name === DEFAULT_PROFILE || source === "config" || !files.areKept) return true;
  return await readSession(auth) !== null;
}

function unknownProfile(
  { options }: CommandContext,
  { name, source }: SelectedProfile,
): ClerkCliAuthError {
  const where = source === "file" ? `, which ${options.profileFile} names` : "";
  return new ClerkCliAuthError("config", `There is no profile "${name}"${where}`, {
    exitCode: EXIT_CODE.GENERAL,
    action:
      `Run \`${options.name} login --profile ${name}\` to make it, or \`${options.name} profiles list\``,
  });
}

function otherIssuer({ name, issuer }: ProfileRecord, program: string): ClerkCliAuthError {
  return new ClerkCliAuthError("config", `The profile "${name}" belongs to ${issuer}`, {
    exitCode: EXIT_CODE.GENERAL,
    action: `Run \`${program} login --profile NAME\` with another name`,
  });
}

/** Opens the profile files. */
async function openProfiles({ auth }: CommandContext): Promise<ProfileFiles> {
  return new ProfileFiles({
    runtime: await runtimeOf(auth),
    config: configOf(auth),
  });
}

/** The client that uses the record of a profile. */
function authOf({ auth }: CommandContext, name: string): ClerkCliAuth {
  return atProfile(auth, name === DEFAULT_PROFILE ? undefined : name);
}

/**
 * The profile that a file in the working directory names; `undefined` if there is no file. The directory may be a
 * stranger's, and the file a link to a secret or a device: links are not followed, and anything but a name is not shown.
 *
 * @throws {ClerkCliAuthError} `config` if there is anything other than a file with a name in it.
 */
async function readProfileFile({ files }: Runtime, path: string): Promise<string | undefined> {
  try {
    const found = await files.inspect(path);
    if (found === null) return undefined;
    const text = found.kind === "file" ? await files.readText(path) : null;
    if (text === "") return undefined;
    return parseProfile(text?.trim() ?? "");
  } catch {
    throw new ClerkCliAuthError("config", `The file ${path} in this folder names no profile`, {
      action: "Put the name of a profile into it, or remove it",
    });
  }
}

/** The flag that names the profile to use. */
export const PROFILE_FLAG: Flag = { name: "profile", value: "NAME", summary: "Use this profile" };

/**
 * Checks the name of a profile.
 *
 * @throws {ClerkCliAuthError} `config` if it is invalid.
 */
export function profileName(text: string): string {
  return parseProfile(text.trim());
}

/** Who a profile already belongs to: nobody else may take it over. `undefined` if it is free. */
export function profileOwner(
  { options }: CommandContext,
  { name, record }: SelectedProfile,
): ExpectedAccount | undefined {
  if (!record) return undefined;
  const { account } = record;
  const program = options.name;
  const release = name === DEFAULT_PROFILE ? "logout" : `profiles remove ${name}`;
  return {
    subject: account.subject,
    organization: account.organization?.id,
    remedy: `The profile "${name}" belongs to ${accountLabel(account)}: sign in as that account, ` +
      `run \`${program} ${release}\` first, or take another one with \`${program} login --profile NAME\``,
  };
}

/**
 * Refuses anyone but the account that a profile belongs to.
 *
 * @throws {ClerkCliAuthError} `access_denied` if it is someone else.
 */
export function assertOwner(context: CommandContext, selected: SelectedProfile, identity: Identity): void {
  const owner = profileOwner(context, selected);
  if (owner) refuseOther(owner, identity);
}

/** A profile that something is known about, or the default one. */
export interface KnownProfile {
  name: string;
  record: ProfileRecord | null;
  auth: ClerkCliAuth;
  files: ProfileFiles;
}

/** Every profile of this issuer that something is known about; always the default one. */
export async function allProfiles(context: CommandContext): Promise<KnownProfile[]> {
  const files = await openProfiles(context);
  const { issuer } = configOf(context.auth);
  const records = await files.list();
  const isRecorded = (name: string) => records.some((record) => record.name === name);
  // One that the program signed in itself has credentials only.
  const unrecorded = (await files.withCredentials()).filter((name) => !isRecorded(name));
  const named = new Map<string, ProfileRecord | null>([[DEFAULT_PROFILE, null]]);
  for (const name of unrecorded) named.set(name, null);
  for (const record of records) if (record.issuer === issuer) named.set(record.name, record);
  return [...named].map(([name, record]) => known(name, record));

  function known(name: string, record: ProfileRecord | null): KnownProfile {
    return { name, record, auth: authOf(context, name), files };
  }
}

/** Whether a profile has a session. One that cannot be read does not count; `status` says why. */
export async function isSignedIn({ auth }: KnownProfile): Promise<boolean> {
  return (await readSession(auth).catch(() => null))?.kind === "live";
}
