import { parseJsonObject } from "../../core/encoding.ts";
import { exchange, fetchTransport } from "../../core/http.ts";
import { misconfigured, UnavailableError } from "../failures.ts";
import type { VerificationKey } from "../verify/signing_keys.ts";

/**
 * The part of `@clerk/backend`'s `ClerkClient` that this package calls, as plain shapes: the published types must not
 * depend on the optional peer. A client that only has `authenticateRequest` works too.
 */

/** A client of Clerk's Backend API, such as the one that `createClerkClient()` of `@clerk/backend` returns. */
export interface ClerkClientLike {
  /** Verifies the credential of a request. */
  authenticateRequest(
    request: Request,
    options?: AuthenticateRequestOptions,
  ): Promise<AuthenticateRequestState>;
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

/**
 * The client of `@clerk/backend`, as it is installed; where it is not, any.
 * @ts-ignore An optional peer: without it the type is `any`. */
export type ClerkClient = import("@clerk/backend").ClerkClient;

/** A Clerk client and the settings that go with it. */
export interface ClerkAccess<C extends ClerkClientLike = ClerkClientLike> {
  clerk: C;
  /** The instance's public key, if one is configured. */
  key: VerificationKey | undefined;
  /** Secrets sent to Clerk besides tokens; they are cut out of what is reported. */
  secrets: readonly string[];
}

/** The options of `authenticateRequest` that this package passes. */
export interface AuthenticateRequestOptions {
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
export interface AuthenticateRequestState {
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

const MAX_KEY_SET_BYTES = 64 * 1024;

/**
 * A client that does nothing but hand out the keys that an issuer publishes (RFC 7517, section 5). It accepts no token that
 * these cannot verify; whatever else is asked of it is a mistake in the configuration.
 */
export function issuerClient(issuer: string, timeoutMs: number): ClerkClientLike {
  const client: ClerkClientLike = {
    jwks: { getJwks: () => fetchKeySet(`${issuer}/.well-known/jwks.json`, timeoutMs) },
    authenticateRequest: () => Promise.resolve({ isAuthenticated: false, toAuth: () => null }),
  };
  return new Proxy(client, {
    get(target, name) {
      // Whoever awaits it looks for `then`.
      if (name in target || typeof name === "symbol" || name === "then") return Reflect.get(target, name);
      throw misconfigured("With 'jwtOnly' there is no Clerk client");
    },
  });
}

async function fetchKeySet(url: string, timeoutMs: number): Promise<{ keys?: unknown }> {
  const answer = await exchange({ method: "GET", url, headers: { accept: "application/json" } }, {
    transport: fetchTransport((url, init) => fetch(url, init)),
    step: "network",
    endpointName: "The key set of the issuer",
    timeoutMs,
    maxBytes: MAX_KEY_SET_BYTES,
  });
  const keys = answer.status === 200 ? parseJsonObject(answer.text) : undefined;
  if (keys) return keys;
  throw new UnavailableError(`The issuer answered ${answer.status} without a key set`);
}
