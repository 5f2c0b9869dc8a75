import process from "node:process";
import { withKeyring } from "./keychain_program.ts";
import { SECRET_SERVICE } from "./keyring.ts";
import { canRunOn, OWN_RUNTIME } from "./program.ts";
import type { Requirement } from "./requirement.ts";

/** On macOS and Windows the keychain is the user's own: a test touches it only if this is set. */
const CONSENT = "CLI_AUTH_TEST_KEYCHAIN";

/** The keychain of this system, and programs that use it. */
export const SYSTEM_KEYCHAIN: Requirement = {
  missing: (process.platform === "linux" ? SECRET_SERVICE.missing : withoutConsent()) ??
    canRunOn(OWN_RUNTIME).missing,
};

function withoutConsent(): string | undefined {
  return process.env[CONSENT] ? undefined : `it would use your own keychain: set ${CONSENT}`;
}

/** Runs a task with the environment of programs that find the keychain. On Linux it is a keyring of its own. */
export async function withSystemKeychain(
  task: (env: Record<string, string>) => Promise<void>,
): Promise<void> {
  if (process.platform === "linux") await withKeyring({}, ({ env }) => task(env));
  else await task({});
}
