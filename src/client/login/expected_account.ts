import { ClerkCliAuthError } from "../../core/errors.ts";
import type { Identity } from "../../core/identity.ts";

/** Who must sign in. */
export interface ExpectedAccount {
  subject: string;
  /** The id of the organization; `undefined` when any will do. */
  organization?: string | undefined;
  /** What to do if someone else signs in. */
  remedy: string;
}

/**
 * Refuses everyone but the expected account.
 *
 * @throws {ClerkCliAuthError} `access_denied` when it is someone else.
 */
export function refuseOther({ subject, organization, remedy }: ExpectedAccount, identity: Identity): void {
  const isOther = identity.sub !== subject;
  if (!isOther && (organization === undefined || identity.org_id === organization)) return;
  const what = isOther ? "account" : "organization";
  throw new ClerkCliAuthError("access_denied", `The sign-in was for another ${what}, and was not kept`, {
    action: remedy,
  });
}
