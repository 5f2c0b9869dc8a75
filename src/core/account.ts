import { ClerkCliAuthError } from "./errors.ts";
import { type Identity, isMachineIdentity, isOrgIdentity, isScimIdentity } from "./identity.ts";
import { printable } from "./text.ts";

/** The owner of a credential, as the commands report it. */
export interface Account {
  /** The subject: `user_…`, `org_…`, `mch_…` or `scim_…`. */
  subject: string;
  /** The kind of subject. */
  kind: "user" | "organization" | "machine" | "scim";
  /** The name, if known. */
  name?: string;
  /** The user's email address, if known. */
  email?: string;
  /** The organization chosen at sign-in, or the one that owns the credential. */
  organization?: { id: string; name?: string; slug?: string };
}

/** Converts an identity to an account. */
export function accountOf(identity: Identity): Account {
  const { sub: subject } = identity;
  const name = text(identity.name) ?? text(identity.username);
  const email = text(identity.email);
  const id = text(identity.org_id);
  return {
    subject,
    kind: kindOf(identity),
    ...(name && { name }),
    ...(email && { email }),
    ...(id && { organization: organization(id, identity) }),
  };
}

function kindOf(identity: Identity): Account["kind"] {
  if (isOrgIdentity(identity)) return "organization";
  if (isMachineIdentity(identity)) return "machine";
  return isScimIdentity(identity) ? "scim" : "user";
}

function organization(id: string, identity: Identity): NonNullable<Account["organization"]> {
  const [name, slug] = [text(identity.org_name), text(identity.org_slug)];
  return { id, ...(name && { name }), ...(slug && { slug }) };
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Formats an account for a message: `name (email)`, or whatever is known. */
export function accountLabel({ subject, name, email }: Account): string {
  const id = email ?? subject;
  return printable(name ? `${name} (${id})` : id, 200);
}

/** Returns the shortest text that identifies an account. */
export function accountId({ subject, email }: Account): string {
  return printable(email ?? subject, 200);
}

/** Formats the organization of an account for a message; `undefined` if there is none. */
export function organizationLabel({ organization }: Account): string | undefined {
  return organization && printable(organization.name ?? organization.slug ?? organization.id, 200);
}

/** The account that must sign in. */
export interface ExpectedAccount {
  subject: string;
  /** The organization's ID; any if `undefined`. */
  organization?: string | undefined;
  /** What to do if someone else signs in. */
  remedy: string;
}

/**
 * Rejects a sign-in by anyone but the expected account.
 *
 * @throws {ClerkCliAuthError} `access_denied` if the user or the organization differs.
 */
export function refuseOther({ subject, organization, remedy }: ExpectedAccount, identity: Identity): void {
  const isOther = identity.sub !== subject;
  if (!isOther && (organization === undefined || identity.org_id === organization)) return;
  const what = isOther ? "account" : "organization";
  throw new ClerkCliAuthError("access_denied", `The sign-in was for another ${what}, and was not kept`, {
    action: remedy,
  });
}
