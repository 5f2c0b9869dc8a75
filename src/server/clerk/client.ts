import { parseJsonObject } from "../../core/encoding.ts";
import { exchange, fetchTransport } from "../../core/http.ts";
import { readRetryAfter } from "../../core/oauth_error.ts";
import { misconfigured, UnavailableError } from "../failures.ts";
import type { VerificationKey } from "../verify/signing_keys.ts";
import { MAX_RETRY_AFTER_MS } from "./failures.ts";

/**
 * A client of Clerk's Backend API, such as `createClerkClient()` of `@clerk/backend` returns. A client that only
 * has `authenticateRequest` works, too.
 */
export interface ClerkClientLike {
  /** Verifies the credential of a request. */
  authenticateRequest(
    request: Request,
    options?: AuthenticateRequestOptions,
  ): Promise<AuthenticateRequestState>;
  /** Fetches the instance's signing keys. With it, tokens with unknown keys cannot make us call Clerk repeatedly. */
  jwks?: { getJwks(): Promise<{ keys?: unknown }> };
  /**
   * Verifies API keys. Your own client is only asked for what `authenticateRequest` does not tell: when a key
   * to remember expires, why a key was rejected, and how long to wait.
   */
  apiKeys?: { verify(secret: string): Promise<unknown> };
  /** Verifies OAuth access tokens, in the same cases. */
  idPOAuthAccessToken?: { verify(accessToken: string): Promise<unknown> };
  /** Looks up users, for `lookup`. */
  users?: { getUser(userId: string): Promise<unknown> };
  /** Looks up organizations, for `lookup`. */
  organizations?: { getOrganization(options: { organizationId: string }): Promise<unknown> };
  /** Looks up machines, for `lookup`. */
  machines?: { get(machineId: string): Promise<unknown> };
}

/**
 * The client that this package makes itself, as `createClerkClient()` of `@clerk/backend` does. Name its type to have it
 * checked, `cliAuth<ClerkClient>()` with that of `@clerk/backend`, which these types do without.
 */
// deno-lint-ignore no-explicit-any -- with its real type, everybody would have to install the optional peer
export type ClerkClient = any;

/** A Clerk client with its settings. */
export interface ClerkAccess<C extends ClerkClientLike = ClerkClientLike> {
  clerk: C;
  /** The instance's public key, if configured. */
  key: VerificationKey | undefined;
  /** The secrets sent to Clerk besides tokens. They are redacted from reports. */
  secrets: readonly string[];
}

/** The options of `authenticateRequest` that this package passes. */
export interface AuthenticateRequestOptions {
  /** The kind of the token. */
  acceptsToken?: "api_key" | "oauth_token";
  /** Required by `@clerk/backend` for OAuth access tokens, but not used. */
  publishableKey?: string;
  /** The public key (PEM) for a JWT, to save fetching it. */
  jwtKey?: string;
  /** The audiences to accept. */
  audience?: string[];
}

/** The result of `authenticateRequest`. */
export interface AuthenticateRequestState {
  /** Whether the credential was verified. */
  isAuthenticated: boolean;
  /** Why it was not. */
  reason?: string | null;
  /** Details about why it was not. */
  message?: string | null;
  /** Returns the owner. */
  toAuth(): unknown;
}

/** The options of `createClerkClient` in `@clerk/backend`. Fields not listed here are passed on unchanged. */
export interface ClerkClientConfig {
  /** The instance's secret key, `sk_…`. */
  secretKey?: string;
  /** The instance's publishable key, `pk_…`. Not needed here. */
  publishableKey?: string;
  /** The URL of Clerk's Backend API: https, or http on loopback. */
  apiUrl?: string;
  /** The instance's public key (PEM), to verify JWTs without fetching keys. */
  jwtKey?: string;
  /** The audiences. An OAuth access token must name one of them. */
  audience?: string | string[];
  /** Telemetry that the client sends to Clerk. */
  telemetry?: { disabled?: boolean; debug?: boolean; samplingRate?: number };
  /** Further options of `createClerkClient`. */
  [option: string]: unknown;
}

const MAX_KEY_SET_BYTES = 64 * 1024;

/**
 * Returns a client that only serves the keys that an issuer publishes (RFC 7517, section 5). It accepts no
 * token that these keys cannot verify. Any other use is a configuration error.
 */
export function issuerClient(issuer: string, timeoutMs: number): ClerkClientLike {
  const client: ClerkClientLike = {
    jwks: { getJwks: () => fetchKeySet(`${issuer}/.well-known/jwks.json`, timeoutMs) },
    authenticateRequest: () => Promise.resolve({ isAuthenticated: false, toAuth: () => null }),
  };
  return new Proxy(client, {
    get(target, name) {
      // `await` looks for `then`.
      if (name in target || typeof name === "symbol" || name === "then") return Reflect.get(target, name);
      throw misconfigured("With 'jwtOnly' there is no Clerk client");
    },
  });
}

async function fetchKeySet(url: string, timeoutMs: number): Promise<{ keys?: unknown }> {
  const response = await exchange({ method: "GET", url, headers: { accept: "application/json" } }, {
    transport: fetchTransport((url, init) => fetch(url, init)),
    step: "network",
    endpointName: "The key set of the issuer",
    timeoutMs,
    maxBytes: MAX_KEY_SET_BYTES,
  });
  const keys = response.status === 200 ? parseJsonObject(response.text) : undefined;
  if (keys) return keys;
  const waitMs = readRetryAfter(response.headers.get("retry-after"));
  throw new UnavailableError(`The issuer responded with status ${response.status}, without a key set`, {
    retryAfterMs: waitMs === undefined ? undefined : Math.min(waitMs, MAX_RETRY_AFTER_MS),
  });
}
