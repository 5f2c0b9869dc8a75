import { ClerkCliAuthError } from "./errors.ts";
import { type Identity, isMachineIdentity, isOrgIdentity, isScimIdentity } from "./identity.ts";
import { printable } from "./text.ts";

/** Who a credential belongs to, as the commands report it. */
export interface Account {
  /** The subject: `user_…`, `org_…`, `mch_…` or `scim_…`. */
  subject: string;
  /** What kind of subject it is. */
  kind: "user" | "organization" | "machine" | "scim";
  /** The name, if it is known. */
  name?: string;
  /** The email address of a user, if it is known. */
  email?: string;
  /** The organization chosen at sign-in, or the one that the credential belongs to. */
  organization?: { id: string; name?: string; slug?: string };
}

/** Turns an identity into an account. */
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

/** How a sentence names an account. */
export function accountLabel({ subject, name, email }: Account): string {
  const id = email ?? subject;
  return printable(name ? `${name} (${id})` : id, 200);
}

/** The shortest text that tells an account from others. */
export function accountId({ subject, email }: Account): string {
  return printable(email ?? subject, 200);
}

/** How a sentence names the organization of an account; `undefined` if there is none. */
export function organizationLabel({ organization }: Account): string | undefined {
  return organization && printable(organization.name ?? organization.slug ?? organization.id, 200);
}

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
