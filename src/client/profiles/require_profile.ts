import { ClerkCliAuthError } from "../../core/errors.ts";
import type { ClientContext } from "../context.ts";
import { DEFAULT_PROFILE } from "../resolve_config.ts";
import { readRecord } from "../session/record.ts";
import { ProfileFiles } from "./files.ts";

/**
 * Checks that a profile exists that a variable, a file or `profiles use` named. The default profile never
 * replaces it.
 *
 * @throws {ClerkCliAuthError} `config` if it does not exist or belongs to another issuer.
 */
export async function requireProfile(context: ClientContext): Promise<void> {
  const { config, profile: { name = DEFAULT_PROFILE, source, path }, runtime } = context;
  const files = new ProfileFiles({ runtime, config });
  if (name === DEFAULT_PROFILE || !files.areKept) return;
  const record = await files.read(name);
  if (record && record.issuer !== config.issuer) {
    throw new ClerkCliAuthError("config", `The profile "${name}" is signed in at ${record.issuer}`, {
      action: "Sign in again, or choose another profile",
      exitCode: 1,
    });
  }
  if (record || await readRecord(context) !== null) return;
  const origin = source === "env" ? config.profileEnvVar : path;
  const where = origin === undefined ? "" : ` (from ${origin})`;
  throw new ClerkCliAuthError("config", `There is no profile "${name}"${where}`, {
    action: "Sign in with it, or choose another profile",
    exitCode: 1,
  });
}
