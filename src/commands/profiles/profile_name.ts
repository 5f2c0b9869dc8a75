import { parseProfile } from "../../client/command_access.ts";

/** How the plain record is called among the profiles. */
export const DEFAULT_PROFILE = "default";

/**
 * Checks the name of a profile.
 *
 * @throws {ClerkCliAuthError} `config` when it is none.
 */
export function profileName(text: string): string {
  return parseProfile(text.trim());
}
