import type { ClerkCliAuth } from "../../client/clerk_cli_auth.ts";
import { configOf, readSession } from "../../client/command_access.ts";
import type { CommandContext } from "../command.ts";
import { authOf, openProfiles } from "./open_profiles.ts";
import type { ProfileFiles } from "./profile_files.ts";
import { DEFAULT_PROFILE } from "./profile_name.ts";
import type { ProfileRecord } from "./profile_record.ts";

/** A profile of which something is known, or the default one. */
export interface KnownProfile {
  name: string;
  record: ProfileRecord | null;
  auth: ClerkCliAuth;
  files: ProfileFiles;
}

/** Every profile of this issuer of which something is known; always the default one. */
export async function allProfiles(context: CommandContext): Promise<KnownProfile[]> {
  const files = await openProfiles(context);
  const { issuer } = configOf(context.auth);
  const records = (await files.list()).filter((record) => record.issuer === issuer);
  const found = records.map((record) => known(record.name, record));
  return records.some(({ name }) => name === DEFAULT_PROFILE)
    ? found
    : [known(DEFAULT_PROFILE, null), ...found];

  function known(name: string, record: ProfileRecord | null): KnownProfile {
    return { name, record, auth: authOf(context, name), files };
  }
}

/** Whether a profile has a session. What cannot be read is none; `status` says why. */
export async function isSignedIn({ auth }: KnownProfile): Promise<boolean> {
  return (await readSession(auth).catch(() => null))?.kind === "live";
}
