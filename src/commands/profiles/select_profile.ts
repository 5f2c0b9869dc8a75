import type { ClerkCliAuth } from "../../client/clerk_cli_auth.ts";
import { configOf, readSession, runtimeOf } from "../../client/command_access.ts";
import { ClerkCliAuthError, EXIT_CODE } from "../../core/errors.ts";
import type { CommandContext } from "../command.ts";
import { authOf, openProfiles } from "./open_profiles.ts";
import type { ProfileFiles } from "./profile_files.ts";
import { readProfileFile } from "./profile_file.ts";
import { DEFAULT_PROFILE, profileName } from "./profile_name.ts";
import type { ProfileRecord } from "./profile_record.ts";

/** Who named the profile. */
export type ProfileSource = "flag" | "env" | "file" | "chosen" | "config" | "default";

/** The profile that a command works on. */
export interface SelectedProfile {
  /** Its name; `default` for the plain record. */
  name: string;
  source: ProfileSource;
  /** What is known of it; `null` when nothing is. */
  record: ProfileRecord | null;
  /** The client on its record. */
  auth: ClerkCliAuth;
  files: ProfileFiles;
}

/** How a profile is selected. */
export interface SelectOptions {
  /** The value of `--profile`. */
  flag: string | undefined;
  /** Whether the flag and the variable may name a profile that does not exist yet. */
  mayBeNew?: boolean;
}

/**
 * Selects the profile: the flag names it, else the environment variable, the file in the working folder, the choice of
 * `profiles use`, the program.
 *
 * @throws {ClerkCliAuthError} `config` when the name is none, there is no such profile, or it belongs to another issuer.
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

/** A profile exists when something is known of it; one that the program signed in by itself has credentials only. */
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
