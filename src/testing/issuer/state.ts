import type { EmulatedApplication, EmulatedUser } from "../entities.ts";

/** A user's grant to an application. Revoking it ends all its tokens. */
export interface Grant {
  readonly id: string;
  readonly userId: string;
  readonly clientId: string;
  revoked: boolean;
}

/** One authorization under a grant: what a code represents and a refresh can return. */
export interface Authorization {
  readonly grant: Grant;
  readonly scopes: readonly string[];
  readonly organizationId: string | undefined;
  /** The granted `resource` (RFC 8707). */
  readonly audience: string | undefined;
  readonly nonce: string | undefined;
  /** When the user signed in, in Unix milliseconds. */
  readonly authenticatedAt: number;
}

/** An authorization code (RFC 6749, section 4.1.2). */
export interface AuthorizationCode {
  readonly authorization: Authorization;
  /** The `redirect_uri` of the authorization request, which the token request must repeat. */
  readonly redirectUri: string | undefined;
  readonly codeChallenge: string | undefined;
  readonly expiresAt: number;
  used: boolean;
}

/** A refresh token (RFC 6749, section 1.5). */
export interface RefreshToken {
  readonly token: string;
  readonly authorization: Authorization;
  readonly issuedAt: number;
  state: "active" | "rotated" | "revoked";
}

/** An access token (RFC 6749, section 1.4). */
export interface AccessToken {
  /** `oat_…` */
  readonly id: string;
  readonly token: string;
  readonly format: "jwt" | "opaque";
  readonly authorization: Authorization;
  readonly scopes: readonly string[];
  readonly issuedAt: number;
  expiresAt: number;
  revoked: boolean;
}

export const RESPONSE_MODES = ["query", "form_post"] as const;

/** Where and how to return the authorization response. */
export interface ResponseTarget {
  readonly redirectUri: string;
  readonly responseMode: typeof RESPONSE_MODES[number];
  readonly state: string | undefined;
}

/** What an application requests from a user. */
export interface AccessRequest {
  readonly application: EmulatedApplication;
  readonly scopes: readonly string[];
  readonly nonce: string | undefined;
  /** The `resource` to be granted (RFC 8707). */
  readonly audience: string | undefined;
}

/** A valid authorization request (RFC 6749, section 4.1.1). */
export interface AuthorizationRequest extends AccessRequest, ResponseTarget {
  /** The `redirect_uri` as it was sent. */
  readonly requestedRedirectUri: string | undefined;
  readonly codeChallenge: string | undefined;
  readonly prompts: readonly string[];
}

/** A device waiting for its user (RFC 8628, section 3.2). */
export interface DeviceAuthorization extends AccessRequest {
  readonly deviceCode: string;
  readonly userCode: string;
  readonly expiresAt: number;
  /** The minimum time between polls, in milliseconds. It grows after each early poll. */
  intervalMs: number;
  lastPolledAt: number | undefined;
  /** The user's decision. */
  decision: "pending" | "denied" | "exchanged" | Authorization;
}

/** A user's decision on the consent page. */
export interface Consent {
  readonly organizationId: string | undefined;
}

/** A user's consent, and when the user signed in. */
export interface Approval extends Consent {
  readonly user: EmulatedUser;
  /** In Unix milliseconds. */
  readonly authenticatedAt: number;
}

/** A request waiting for its user. */
export interface Interaction {
  readonly id: string;
  readonly csrfToken: string;
  readonly request: AccessRequest;
  readonly prompts: readonly string[];
  /** Where the user came from and returns to: the application in this browser, or a device. */
  readonly origin: { readonly redirectUri: string } | { readonly userCode: string };
  readonly expiresAt: number;
  /** Ends the interaction with the decision; returns the response for the browser. */
  conclude(decision: Approval | "denied"): Response;
  /** The session of the browser. */
  sessionId: string;
  /** Whether the user must sign in even if already signed in. */
  mustSignIn: boolean;
}

/** A browser, known by its cookie, signed in or not. */
export interface Session {
  readonly id: string;
  readonly userId: string | undefined;
  /** When the user signed in, in Unix milliseconds. */
  readonly authenticatedAt: number;
}

/** The description of each of Clerk's scopes on the consent page. */
export const SCOPE_DESCRIPTIONS: ReadonlyMap<string, string> = new Map([
  ["openid", "Know who you are"],
  ["profile", "Read your name, user name and picture"],
  ["email", "Read your email address"],
  ["public_metadata", "Read your public and unsafe metadata"],
  ["private_metadata", "Read your private metadata"],
  ["offline_access", "Stay signed in until you sign out"],
  ["user:org:read", "Know the organization that you choose"],
]);

/** The scopes that every instance supports. */
export const STANDARD_SCOPES: readonly string[] = [...SCOPE_DESCRIPTIONS.keys()];

/** The scopes of a request that names none, unless the instance's settings differ. */
export const DEFAULT_SCOPES: readonly string[] = ["profile", "email"];

/** Splits a `scope` parameter (RFC 6749, section 3.3), each scope once. */
export function parseScope(scope: string): string[] {
  return [...new Set(scope.split(" ").filter((token) => token !== ""))];
}
