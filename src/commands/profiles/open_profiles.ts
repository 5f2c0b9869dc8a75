import type { ClerkCliAuth } from "../../client/clerk_cli_auth.ts";
import { atProfile, configOf, runtimeOf } from "../../client/command_access.ts";
import type { CommandContext } from "../command.ts";
import { ProfileFiles } from "./profile_files.ts";
import { DEFAULT_PROFILE } from "./profile_name.ts";

/** Opens the profile files; a corrupt one is named. */
export async function openProfiles({ auth, screen }: CommandContext): Promise<ProfileFiles> {
  return new ProfileFiles({
    runtime: await runtimeOf(auth),
    config: configOf(auth),
    onSetAside: (from, to) => screen.warn(`The profile file ${from} was corrupt and is now ${to}.`),
  });
}

/** The client on the record of a profile. */
export function authOf({ auth }: CommandContext, name: string): ClerkCliAuth {
  return atProfile(auth, name === DEFAULT_PROFILE ? undefined : name);
}
