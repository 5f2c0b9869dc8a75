import type { VerificationKey } from "../verify/signing_keys.ts";

/**
 * The part of `@clerk/backend`'s `ClerkClient` that this package calls, as plain shapes: the published types must not
 * depend on the optional peer. A client that only has `authenticateRequest` works too.
 */

/** A client of Clerk's Backend API, such as the one that `createClerkClient()` of `@clerk/backend` returns. */
export interface ClerkClientLike {
  /** Verifies the credential of a request. */
  authenticateRequest(request: Request, options?: AuthenticateOptions): Promise<AuthenticateState>;
  /** Fetches the instance's signing keys. With it, tokens that name unknown keys cannot make us call Clerk over and over. */
  jwks?: { getJwks(): Promise<{ keys?: unknown }> };
  /**
   * Verifies API keys. Your own client is only asked for what `authenticateRequest` hides of a response: when a key that is
   * to be remembered expires, why one was rejected, how long to wait.
   */
  apiKeys?: { verify(secret: string): Promise<unknown> };
  /** Verifies OAuth access tokens; used the same way. */
  idPOAuthAccessToken?: { verify(accessToken: string): Promise<unknown> };
  /** Looks up users, for `lookup`. */
  users?: { getUser(userId: string): Promise<unknown> };
  /** Looks up organizations, for `lookup`. */
  organizations?: { getOrganization(options: { organizationId: string }): Promise<unknown> };
  /** Looks up machines, for `lookup`. */
  machines?: { get(machineId: string): Promise<unknown> };
}

/** A Clerk client and the settings that go with it. */
export interface ClerkAccess<C extends ClerkClientLike = ClerkClientLike> {
  clerk: C;
  /** The instance's public key, if one is configured. */
  key: VerificationKey | undefined;
  /** Secrets sent to Clerk besides tokens; they are cut out of what is reported. */
  secrets: readonly string[];
}

/** The options of `authenticateRequest` that this package passes. */
export interface AuthenticateOptions {
  /** The kind that the token was found to be. */
  acceptsToken?: "api_key" | "oauth_token";
  /** Required by `@clerk/backend` for OAuth access tokens, though it does not use it. */
  publishableKey?: string;
  /** The public key (PEM) that verifies a JWT, so that no key has to be fetched. */
  jwtKey?: string;
  /** The audiences to accept. */
  audience?: string[];
}

/** What `authenticateRequest` resolves to. */
export interface AuthenticateState {
  /** Whether the credential was verified. */
  isAuthenticated: boolean;
  /** Why it was not. */
  reason?: string | null;
  /** More about why it was not. */
  message?: string | null;
  /** Who it belongs to. */
  toAuth(): unknown;
}

/** What `createClerkClient` of `@clerk/backend` takes; members not listed here are passed on as they are. */
export interface ClerkClientConfig {
  /** The instance's secret key, `sk_…`. */
  secretKey?: string;
  /** The instance's publishable key, `pk_…`. Not needed here. */
  publishableKey?: string;
  /** The URL of Clerk's Backend API: https, or http on loopback. */
  apiUrl?: string;
  /** The instance's public key (PEM): with it, JWTs are verified without fetching keys. */
  jwtKey?: string;
  /** The audiences of which an OAuth access token must name one. */
  audience?: string | string[];
  /** What the client tells Clerk about its use. */
  telemetry?: { disabled?: boolean; debug?: boolean; samplingRate?: number };
  /** Further options of `createClerkClient`. */
  [option: string]: unknown;
}
