import type { ClerkCliAuth } from "../client/clerk_cli_auth.ts";
import type { AuthCommandsOptions } from "./command.ts";

/** The options of {@linkcode withSelectedProfile}. */
export interface SelectedProfileOptions extends AuthCommandsOptions {
  /** The profile that the person named, for example by a flag of the program; it takes precedence. */
  profile?: string | undefined;
}

/**
 * Returns the client for the profile that the person selected. A client selects it by itself; this also checks that it
 * exists, and announces one that a file in the working directory names.
 *
 * @deprecated Configure `profileEnvVar` and `profileFile` on `ClerkCliAuth`, and use it, or `auth.withProfile(name)`.
 * @param auth The client.
 * @param options The given name, and the options of `authCommands()`.
 * @returns The client for that profile.
 * @throws {ClerkCliAuthError} `config` if the name is invalid, there is no such profile, or it belongs to another issuer.
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
