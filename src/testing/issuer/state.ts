import type { EmulatedApplication, EmulatedUser } from "../entities.ts";

/** What a user has granted to an application. Revoking it ends every token that came from it. */
export interface Grant {
  readonly id: string;
  readonly userId: string;
  readonly clientId: string;
  revoked: boolean;
}

/** One authorization under a grant: what a code stands for and what a refresh can yield. */
export interface Authorization {
  readonly grant: Grant;
  readonly scopes: readonly string[];
  readonly organizationId: string | undefined;
  /** The granted `resource` (RFC 8707). */
  readonly audience: string | undefined;
  readonly nonce: string | undefined;
  /** When the user signed in, Unix time in milliseconds. */
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

/** Where the response to an authorization request goes, and how. */
export interface ResponseTarget {
  readonly redirectUri: string;
  readonly responseMode: typeof RESPONSE_MODES[number];
  readonly state: string | undefined;
}

/** What an application asks a user for. */
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

/** A device that waits for its user (RFC 8628, section 3.2). */
export interface DeviceAuthorization extends AccessRequest {
  readonly deviceCode: string;
  readonly userCode: string;
  readonly expiresAt: number;
  /** How long the device must wait between polls, in milliseconds; longer after each poll that came too soon. */
  intervalMs: number;
  lastPolledAt: number | undefined;
  /** What its user has decided. */
  decision: "pending" | "denied" | "exchanged" | Authorization;
}

/** What a user has decided on a consent page. */
export interface Consent {
  readonly organizationId: string | undefined;
}

/** A user's consent, and when the user signed in. */
export interface Approval extends Consent {
  readonly user: EmulatedUser;
  /** Unix time in milliseconds. */
  readonly authenticatedAt: number;
}

/** A request that waits for its user. */
export interface Interaction {
  readonly id: string;
  readonly csrfToken: string;
  readonly request: AccessRequest;
  readonly prompts: readonly string[];
  /** Where the user came from, and goes to afterwards: the application in this browser, or a device. */
  readonly origin: { readonly redirectUri: string } | { readonly userCode: string };
  readonly expiresAt: number;
  /** Ends it, `"denied"` or with an approval; returns what the browser is shown. */
  conclude(decision: Approval | "denied"): Response;
  /** The browser that it belongs to. */
  sessionId: string;
  /** Whether the user must sign in even if somebody is signed in. */
  mustSignIn: boolean;
}

/** A browser that the issuer knows by its cookie, signed in or not yet. */
export interface Session {
  readonly id: string;
  readonly userId: string | undefined;
  /** When the user signed in, Unix time in milliseconds. */
  readonly authenticatedAt: number;
}

/** What each of Clerk's scopes lets an application do, in the words of the consent page. */
export const SCOPE_DESCRIPTIONS: ReadonlyMap<string, string> = new Map([
  ["openid", "Know that it is you who signs in"],
  ["profile", "Read your name, user name and picture"],
  ["email", "Read your email address"],
  ["public_metadata", "Read your public and unsafe metadata"],
  ["private_metadata", "Read your private metadata"],
  ["offline_access", "Stay signed in until you sign out"],
  ["user:org:read", "Know the organization that you choose"],
]);

/** The scopes that every instance knows. */
export const STANDARD_SCOPES: readonly string[] = [...SCOPE_DESCRIPTIONS.keys()];

/** The scopes of a request that asks for none, unless the instance's settings name others. */
export const DEFAULT_SCOPES: readonly string[] = ["profile", "email"];

/** Splits a `scope` parameter (RFC 6749, section 3.3), each scope once. */
export function parseScope(scope: string): string[] {
  return [...new Set(scope.split(" ").filter((token) => token !== ""))];
}
