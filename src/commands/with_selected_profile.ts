import type { ClerkCliAuth } from "../client/clerk_cli_auth.ts";
import type { AuthCommandsOptions } from "./command.ts";

/** How {@linkcode withSelectedProfile} finds the profile. */
export interface SelectedProfileOptions extends AuthCommandsOptions {
  /** The profile that the person named, as by a flag of the program; goes before everything else. */
  profile?: string | undefined;
}

/**
 * Gives the client on the profile that the person selected, as the ready commands do: for the other commands of a
 * program. A profile that a file in the working folder names is announced on standard error.
 *
 * @param auth The client.
 * @param options The name that was given, and the options of `authCommands()`.
 * @returns The client on that profile.
 * @throws {ClerkCliAuthError} `config` when the name is none, there is no such profile, or it belongs to another issuer.
 *
 * @example
 * ```ts
 * import { ClerkCliAuth } from "@clerk/cli-auth";
 * import { withSelectedProfile } from "@clerk/cli-auth/commands";
 *
 * const auth = new ClerkCliAuth({
 *   clientId: "your-client-id",
 *   issuer: "https://your-app.clerk.accounts.dev",
 *   storage: "memory",
 * });
 * const selected = await withSelectedProfile(auth, { profile: "work" });
 * console.log(await selected.getTokenSet()); // null
 * ```
 */
export async function withSelectedProfile(
  auth: ClerkCliAuth,
  options: SelectedProfileOptions = {},
): Promise<ClerkCliAuth> {
  const { commandContext } = await import("./command.ts");
  const { selectProfile } = await import("./profiles/select.ts");
  const { profile: flag, ...presentation } = options;
  const context = await commandContext({ auth, options: presentation, io: {} });
  return (await selectProfile(context, { flag })).auth;
}
