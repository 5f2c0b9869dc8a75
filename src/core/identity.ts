import { parseJsonObject } from "./encoding.ts";
import { ClerkCliAuthError, type ErrorCode } from "./errors.ts";
import type { HttpAnswer, HttpRequest } from "./http.ts";
import { isTemporary, refusal } from "./oauth_error.ts";
import { checkTokenText } from "./tokens.ts";

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

/** Which endpoint is asked who a token belongs to, and with what. */
export interface IdentityQuestion {
  /** The error code of the step. */
  step: ErrorCode;
  /** The endpoint's name in messages. */
  endpointName: string;
  url: string;
  token: string;
}

/**
 * A GET with a bearer token (RFC 6750, section 2.1) that is answered with an identity.
 *
 * @throws {ClerkCliAuthError} the step's code if the token does not fit in a header.
 */
export function identityRequest({ step, url, token }: IdentityQuestion): HttpRequest {
  checkTokenText(token, step);
  return {
    method: "GET",
    url,
    headers: { "accept": "application/json", "authorization": `Bearer ${token}` },
  };
}

/**
 * Reads a response of the userinfo endpoint (OpenID Connect Core 1.0, section 5.3.2) or of a backend's identity
 * endpoint.
 *
 * @throws {ClerkCliAuthError} the step's code if the token was refused or the response has no `sub`.
 */
export function readIdentity(answer: HttpAnswer, { step, endpointName, token }: IdentityQuestion): Identity {
  if (answer.status !== 200) {
    const action = actionFor(answer.status, step);
    throw refusal(answer, { step, endpointName, secrets: [token], action });
  }
  const body = parseJsonObject(answer.text);
  if (typeof body?.sub !== "string" || body.sub === "") {
    throw new ClerkCliAuthError(step, `${endpointName} did not answer with an identity`, {
      status: answer.status,
      action: actionFor(answer.status, step),
    });
  }
  return body as Identity;
}

function actionFor(status: number, step: ErrorCode): string {
  const isBackend = step === "verify_api_key";
  if (isTemporary(status)) return `Try again later${isBackend ? "; the backend's log says more" : ""}`;
  const isRefused = status === 401 || status === 403;
  if (isBackend) {
    return isRefused
      ? "Check that the token is whole, still valid, and meant for this backend"
      : "Check the address of the identity endpoint";
  }
  return isRefused ? "Sign in again" : "Check the issuer's address";
}
