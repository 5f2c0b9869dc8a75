import { type ExpectedAccount, refuseOther } from "../client/command_access.ts";
import type { Identity } from "../core/identity.ts";
import { accountLabel } from "./account.ts";
import type { CommandContext } from "./command.ts";
import { DEFAULT_PROFILE } from "./profiles/profile_name.ts";
import type { SelectedProfile } from "./profiles/select_profile.ts";

/** Whom a profile belongs to already: nobody else may take it over. `undefined` when it is free. */
export function expectedAccount(
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
 * @throws {ClerkCliAuthError} `access_denied` when it is someone else.
 */
export function assertExpected(context: CommandContext, selected: SelectedProfile, identity: Identity): void {
  const expected = expectedAccount(context, selected);
  if (expected) refuseOther(expected, identity);
}
