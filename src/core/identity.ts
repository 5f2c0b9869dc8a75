/** A person. */
export interface UserIdentity {
  /** The subject, `user_…`. */
  sub: string;
  /** The user id; the same as `sub` where the issuer gives it. */
  user_id?: string;
  /** The primary email address, with the scope `email`. */
  email?: string;
  /** Whether that address was verified. */
  email_verified?: boolean;
  /** The full name, with the scope `profile`. */
  name?: string;
  /** The given name. */
  given_name?: string;
  /** The family name. */
  family_name?: string;
  /** The address of a picture. */
  picture?: string;
  /** The preferred user name (OpenID Connect's field). */
  preferred_username?: string;
  /** The user name (Clerk's field). */
  username?: string;
  /** Metadata that the backend can write, with the scope `public_metadata`. */
  public_metadata?: Record<string, unknown>;
  /** Metadata that the user can write: never base a decision on it. */
  unsafe_metadata?: Record<string, unknown>;
  /** The organization chosen at sign-in, with the scope `user:org:read`. */
  org_id?: string;
  /** The organization's slug. */
  org_slug?: string;
  /** The organization's name. */
  org_name?: string;
  /** The user's role in the organization. */
  org_role?: string;
  /** The user's permissions in the organization. */
  org_permissions?: string[];
  /** Custom claims of the credential. */
  claims?: Record<string, unknown> | null;
  /** Further fields may come. */
  [field: string]: unknown;
}

/** An organization, acting through an API key of its own. */
export interface OrgIdentity {
  /** The subject, `org_…`. */
  sub: string;
  /** The organization's id; the same as `sub`. */
  org_id?: string;
  /** The organization's slug. */
  org_slug?: string;
  /** The organization's name. */
  org_name?: string;
  /** Custom claims of the credential. */
  claims?: Record<string, unknown> | null;
  /** Further fields may come. */
  [field: string]: unknown;
}

/** A machine. */
export interface MachineIdentity {
  /** The subject, `mch_…`. */
  sub: string;
  /** The machine's name. */
  name?: string;
  /** Custom claims of the credential. */
  claims?: Record<string, unknown> | null;
  /** Further fields may come. */
  [field: string]: unknown;
}

/** A directory (SCIM) connection. */
export interface ScimIdentity {
  /** The subject, `scim_…`. */
  sub: string;
  /** Custom claims of the credential. */
  claims?: Record<string, unknown> | null;
  /** Further fields may come. */
  [field: string]: unknown;
}

/**
 * Who a credential belongs to. The prefix of `sub` tells which kind it is; the four guards narrow it. They name the
 * prefix, so that a guard that does not hold rules out none of the other kinds, whose fields are alike.
 */
export type Identity = UserIdentity | OrgIdentity | MachineIdentity | ScimIdentity;

/**
 * Tells whether an identity is a user (`sub` begins with `user_`).
 *
 * @param identity The identity.
 * @returns Whether it is a {@linkcode UserIdentity}.
 *
 * @example
 * ```ts
 * import { isUserIdentity } from "@clerk/cli-auth";
 *
 * console.log(isUserIdentity({ sub: "user_2abc" })); // true
 * ```
 */
export function isUserIdentity(identity: Identity): identity is UserIdentity & { sub: `user_${string}` } {
  return identity.sub.startsWith("user_");
}

/**
 * Tells whether an identity is an organization (`sub` begins with `org_`).
 *
 * @param identity The identity.
 * @returns Whether it is an {@linkcode OrgIdentity}.
 *
 * @example
 * ```ts
 * import { isOrgIdentity } from "@clerk/cli-auth";
 *
 * console.log(isOrgIdentity({ sub: "org_2abc" })); // true
 * ```
 */
export function isOrgIdentity(identity: Identity): identity is OrgIdentity & { sub: `org_${string}` } {
  return identity.sub.startsWith("org_");
}

/**
 * Tells whether an identity is a machine (`sub` begins with `mch_`).
 *
 * @param identity The identity.
 * @returns Whether it is a {@linkcode MachineIdentity}.
 *
 * @example
 * ```ts
 * import { isMachineIdentity } from "@clerk/cli-auth";
 *
 * console.log(isMachineIdentity({ sub: "mch_2abc" })); // true
 * ```
 */
export function isMachineIdentity(
  identity: Identity,
): identity is MachineIdentity & { sub: `mch_${string}` } {
  return identity.sub.startsWith("mch_");
}

/**
 * Tells whether an identity is a SCIM connection (`sub` begins with `scim_`).
 *
 * @param identity The identity.
 * @returns Whether it is a {@linkcode ScimIdentity}.
 *
 * @example
 * ```ts
 * import { isScimIdentity } from "@clerk/cli-auth";
 *
 * console.log(isScimIdentity({ sub: "scim_2abc" })); // true
 * ```
 */
export function isScimIdentity(identity: Identity): identity is ScimIdentity & { sub: `scim_${string}` } {
  return identity.sub.startsWith("scim_");
}
