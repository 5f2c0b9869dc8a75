import { parseJsonObject } from "./encoding.ts";
import { ClerkCliAuthError, type ErrorCode } from "./errors.ts";
import type { HttpRequest, TextResponse } from "./http.ts";
import { isTemporary, refusal } from "./oauth_error.ts";
import { checkTokenText } from "./tokens.ts";

/** A user. */
export interface UserIdentity {
  /** The subject, `user_…`. */
  sub: string;
  /** The user ID; the same as `sub`, if the issuer sends it. */
  user_id?: string;
  /** The primary email address, with the scope `email`. */
  email?: string;
  /** Whether the email address was verified. */
  email_verified?: boolean;
  /** The full name, with the scope `profile`. */
  name?: string;
  /** The given name. */
  given_name?: string;
  /** The family name. */
  family_name?: string;
  /** The URL of a picture. */
  picture?: string;
  /** The preferred user name, as OpenID Connect defines it. */
  preferred_username?: string;
  /** The user name, as Clerk defines it. */
  username?: string;
  /** Metadata that the backend can write, with the scope `public_metadata`. */
  public_metadata?: Record<string, unknown>;
  /** Metadata that the user can write: never base an access decision on it. */
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
  /** Any other field that the issuer sends. */
  [field: string]: unknown;
}

/** An organization that acts through an API key of its own. */
export interface OrgIdentity {
  /** The subject, `org_…`. */
  sub: string;
  /** The organization's ID; the same as `sub`. */
  org_id?: string;
  /** The organization's slug. */
  org_slug?: string;
  /** The organization's name. */
  org_name?: string;
  /** Custom claims of the credential. */
  claims?: Record<string, unknown> | null;
  /** Any other field that the issuer sends. */
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
  /** Any other field that the issuer sends. */
  [field: string]: unknown;
}

/** A directory (SCIM) connection. */
export interface ScimIdentity {
  /** The subject, `scim_…`. */
  sub: string;
  /** Custom claims of the credential. */
  claims?: Record<string, unknown> | null;
  /** Any other field that the issuer sends. */
  [field: string]: unknown;
}

/**
 * The owner of a credential. The prefix of `sub` tells the kind, and the four guards narrow the type to it.
 * The guards include the prefix in the type: the kinds have similar fields, and a guard that fails must not
 * rule out the others.
 */
export type Identity = UserIdentity | OrgIdentity | MachineIdentity | ScimIdentity;

/**
 * Reports whether an identity is a user (`sub` starts with `user_`).
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
 * Reports whether an identity is an organization (`sub` starts with `org_`).
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
 * Reports whether an identity is a machine (`sub` starts with `mch_`).
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
 * Reports whether an identity is a SCIM connection (`sub` starts with `scim_`).
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

/** A request to an endpoint that identifies the owner of a token. */
export interface IdentityQuestion {
  /** The code of the errors. */
  step: ErrorCode;
  /** The endpoint's name in messages. */
  endpointName: string;
  url: string;
  token: string;
}

/**
 * Builds a GET with a bearer token (RFC 6750, section 2.1).
 *
 * @throws {ClerkCliAuthError} `step` if the token does not fit in a header.
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
 * Reads the response of the userinfo endpoint (OpenID Connect Core 1.0, section 5.3.2) or of a backend's
 * identity endpoint.
 *
 * @throws {ClerkCliAuthError} `step` if the token was rejected or the response has no `sub`.
 */
export function readIdentity(
  response: TextResponse,
  { step, endpointName, token }: IdentityQuestion,
): Identity {
  if (response.status !== 200) {
    const action = actionFor(response.status, step);
    throw refusal(response, { step, endpointName, secrets: [token], action });
  }
  const body = parseJsonObject(response.text);
  if (typeof body?.sub !== "string" || body.sub === "") {
    throw new ClerkCliAuthError(step, `${endpointName} did not return an identity`, {
      status: response.status,
      action: actionFor(response.status, step),
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
      ? "Check that the token is complete, still valid, and meant for this backend"
      : "Check the address of the identity endpoint";
  }
  return isRefused ? "Sign in again" : "Check the issuer's address";
}
