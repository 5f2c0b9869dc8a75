/**
 * The part of `@clerk/backend`'s `ClerkClient` that this package calls, as plain shapes: its published types name
 * nothing of the optional peer. A client that has `authenticateRequest` alone works too.
 */

/** A client of Clerk's Backend API, such as `createClerkClient()` of `@clerk/backend` returns. */
export interface ClerkClientLike {
  /** Verifies the credential of a request. */
  authenticateRequest(request: Request, options?: AuthenticateOptions): Promise<AuthenticateState>;
  /** Serves the instance's signing keys; with it, unknown keys cannot be used to make us call Clerk over and over. */
  jwks?: { getJwks(): Promise<{ keys?: unknown }> };
  /** Verifies API keys. A client of yours is asked only for what `authenticateRequest` hides of an answer, such as `Retry-After`. */
  apiKeys?: { verify(secret: string): Promise<unknown> };
  /** Verifies OAuth access tokens; asked for the same. */
  idPOAuthAccessToken?: {
    verify(accessToken: string, options?: { audience?: string[] }): Promise<unknown>;
  };
  /** Looks users up, with `lookup`. */
  users?: { getUser(userId: string): Promise<unknown> };
  /** Looks organizations up, with `lookup`. */
  organizations?: { getOrganization(options: { organizationId: string }): Promise<unknown> };
  /** Looks machines up, with `lookup`. */
  machines?: { get(machineId: string): Promise<unknown> };
}

/** A Clerk client, and what is known beside it. */
export interface ClerkAccess<C extends ClerkClientLike = ClerkClientLike> {
  clerk: C;
  /** The instance's public key (PEM), where it is configured. */
  jwtKey: string | undefined;
  /** What is sent to Clerk in confidence besides tokens: it is cut out of what is reported. */
  secrets: readonly string[];
}

/** The options of `authenticateRequest` that this package passes. */
export interface AuthenticateOptions {
  /** The one kind that the token was found to be. */
  acceptsToken?: "api_key" | "oauth_token";
  /** Required by `@clerk/backend` for OAuth access tokens, though nothing of it is used for them. */
  publishableKey?: string;
  /** The public key (PEM) to verify a JWT with, so that no key has to be fetched. */
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
  /** The address of Clerk's Backend API: https, or http on loopback. */
  apiUrl?: string;
  /** The instance's public key (PEM): JWTs are then verified without fetching keys. */
  jwtKey?: string;
  /** The audiences that an OAuth access token must name one of. */
  audience?: string | string[];
  /** What the client sends to Clerk about its own use. */
  telemetry?: { disabled?: boolean; debug?: boolean; samplingRate?: number };
  /** Further options of `createClerkClient`. */
  [option: string]: unknown;
}
