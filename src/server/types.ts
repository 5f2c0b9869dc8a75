import type { Identity } from "../core/identity.ts";
import type { Awaitable } from "../core/time.ts";
import type { ClerkClientConfig, ClerkClientLike } from "./clerk/client.ts";
import type { ProxyOptions } from "./http/source.ts";
import type { AcceptsToken, TokenType } from "./token/credential.ts";

/** The options of {@linkcode cliAuth}. */
export interface CliAuthOptions<C extends ClerkClientLike = ClerkClientLike> {
  /** A Clerk client, or a function that creates one; it is called once, on first use. */
  client?: C | (() => Awaitable<C>);
  /**
   * What to create a client with. Next to `client`, its `secretKey` and `jwtKey` say what a client does not reveal.
   * @default `CLERK_SECRET_KEY`, `CLERK_PUBLISHABLE_KEY`, `CLERK_API_URL` and `CLERK_JWT_KEY` in the environment
   */
  clientConfig?: ClerkClientConfig;
  /**
   * What the platform passes along with a request: variables are looked up there first, then in the environment of the
   * process. Needed on Workers.
   * @default inside the `auth` function of `fetchHandler()`, what that function is called with
   */
  env?: object | undefined;
  /**
   * The OAuth applications whose access tokens are accepted. `"any"` accepts every application of the Clerk instance;
   * without a list the log says that this is so.
   * @default `CLERK_OAUTH_CLIENT_ID` in the environment; it must not be empty, and reading it must be allowed
   */
  clientIds?: readonly string[] | "any";
  /** The issuer that an OAuth access token must name, if it is a JWT. */
  issuer?: string;
  /** The audiences of which an OAuth access token must name one. */
  audience?: string | readonly string[];
  /**
   * Remembers verified opaque tokens and API keys until they expire, so that not every request calls Clerk. **A revoked
   * one is then accepted for up to `ttlMs` longer.** JWTs are always remembered, until they expire and for at most five minutes.
   * @default none: every request with an opaque token or an API key calls Clerk
   */
  cache?: CacheOptions;
  /**
   * How long a token may wait for its turn and for Clerk, in milliseconds.
   * @default 10000
   */
  requestTimeoutMs?: number;
  /**
   * Whether to look up the name, email and slug of users, organizations and machines: one more call to Clerk,
   * remembered as long as `cache` says.
   * @default false
   */
  lookup?: boolean;
}

/** How verified opaque tokens and API keys are remembered. */
export interface CacheOptions {
  /** How long, in milliseconds: the longest that a revocation can take to show. */
  ttlMs: number;
  /**
   * A store outside this process, so that all processes share it: Workers KV, Deno KV, Redis. Its content is sealed under
   * keys derived from the Clerk secret key; next to a `client`, `clientConfig` must contain that key. Verifiers with
   * different `audience` or `ttlMs` share nothing.
   * @default this process only
   */
  store?: TokenCache;
  /**
   * Is told when the store fails. Verification goes on without it.
   * @default nobody is told
   */
  onError?: (error: unknown) => void;
}

/** What a verified credential must satisfy. */
export interface VerifyOptions {
  /**
   * The kinds that are accepted.
   * @default "any"
   */
  accepts?: AcceptsToken;
  /**
   * The scopes that it must have, all of them.
   * @default []
   */
  scopes?: readonly string[];
  /**
   * Where the request came from, such as an address: many rejected tokens of a source hold up its other unknown tokens,
   * and nobody else's.
   * @default unknown: all requests share one budget for rejections
   */
  source?: string | undefined;
}

/** What is known about a credential once it has been verified. */
export interface TokenInfo<T extends TokenType = TokenType> {
  /** Who it belongs to: `user_…`, `org_…`, `mch_…` or `scim_…`. Never taken from a custom claim. */
  subject: string;
  /** Its kind. */
  type: T;
  /** Its scopes. */
  scopes: string[];
  /** An API key's custom claims; all claims of an OAuth access token that is a JWT (RFC 9068, section 2.2). */
  claims?: Record<string, unknown>;
  /** Its id: an API key's, or the token's `jti`. */
  id?: string;
  /** The OAuth application that it was issued to (RFC 9068, section 2.2: `client_id`). */
  clientId?: string;
  /** The organization chosen at sign-in, or the one that an API key belongs to. */
  orgId?: string;
  /** When it expires, Unix time in milliseconds, if that is known. */
  expiresAt?: number;
}

/** The input of {@linkcode CliAuth.resolveAuthInfo}. */
export interface ResolveAuthInfoInput<T extends TokenType = TokenType> {
  /** The verified credential. */
  tokenInfo: TokenInfo<T>;
  /** The request that it came with. */
  request?: Request;
}

/** Verifies the credentials that a CLI sends, through one Clerk client. */
export interface CliAuth<C extends ClerkClientLike = ClerkClientLike> {
  /**
   * Verifies a token.
   *
   * @param token An API key or an OAuth access token.
   * @param options What it must satisfy.
   * @returns What is known about it.
   * @throws {ClerkCliAuthError} `not_authenticated` if it is rejected, `insufficient_scope` if it lacks a scope,
   * `unavailable` if Clerk cannot tell right now, `config` if the server is misconfigured.
   */
  verifyToken(token: string, options?: VerifyOptions): Promise<TokenInfo>;
  /**
   * Verifies the bearer token of a request (RFC 6750, section 2.1).
   *
   * @param request The request.
   * @param options What the token must satisfy.
   * @returns What is known about it.
   * @throws {ClerkCliAuthError} As {@linkcode CliAuth.verifyToken}; also `invalid_request` if the header is
   * malformed.
   */
  verifyTokenFromRequest(request: Request, options?: VerifyOptions): Promise<TokenInfo>;
  /**
   * Tells who a verified token belongs to.
   *
   * @param input The verified token.
   * @returns The identity; its `sub` is the verified subject.
   * @throws {ClerkCliAuthError} With `lookup`: `not_authenticated` if the subject no longer exists, `unavailable`
   * if Clerk cannot tell right now.
   */
  resolveAuthInfo(input: ResolveAuthInfoInput): Promise<Identity>;
  /**
   * The Clerk client; created on first use.
   *
   * @returns The client.
   * @throws {ClerkCliAuthError} `config` if there is none.
   */
  getClerk(): Promise<C>;
}

/** The input of your own verifier. */
export interface VerifyTokenContext<C extends ClerkClientLike = ClerkClientLike> {
  /** The token, not yet verified. */
  token: string;
  /** Its kind, judged by its form. */
  type: TokenType;
  /** The request that it came with. */
  request: Request;
  /** The Clerk client. */
  clerk: C;
}

/** What your own verifier has found out; scopes may be left out if there are none. */
export type VerifiedToken = Omit<TokenInfo, "scopes"> & { scopes?: string[] | undefined };

/** Replaces the verification of {@linkcode handle}; throws if the token is rejected. */
export type VerifyTokenFn<C extends ClerkClientLike = ClerkClientLike> = (
  context: VerifyTokenContext<C>,
) => Awaitable<VerifiedToken>;

/** The input of your own resolver. */
export interface ResolveAuthInfoContext<C extends ClerkClientLike = ClerkClientLike> {
  /** The verified token. */
  tokenInfo: TokenInfo;
  /** The request that it came with. */
  request: Request;
  /** The Clerk client. */
  clerk: C;
}

/** Replaces how {@linkcode handle} tells who a token belongs to. */
export type ResolveAuthInfoFn<C extends ClerkClientLike = ClerkClientLike> = (
  context: ResolveAuthInfoContext<C>,
) => Awaitable<Identity>;

/** What {@linkcode handle} reports along with an error. */
export interface ErrorContext {
  /** The request that failed. */
  request: Request;
  /** How often it failed in this way since that was last reported, this time included. */
  count: number;
}

/** The options of {@linkcode handle}. */
export interface HandleOptions<C extends ClerkClientLike = ClerkClientLike> {
  /** The verifier. */
  auth: CliAuth<C>;
  /**
   * The kinds of credential that are accepted. Applies to your own `verifyToken` too.
   * @default "any"
   */
  accepts?: AcceptsToken;
  /**
   * The scopes that a credential must have, all of them. Apply to your own `verifyToken` too.
   * @default []
   */
  scopes?: readonly string[];
  /**
   * Verifies the token in place of {@linkcode CliAuth.verifyToken}, including `clientIds`, `issuer` and `audience`. A
   * Clerk API error with status 400 or 404 and a reason is a rejection; a `ClerkCliAuthError` keeps its code.
   */
  verifyToken?: VerifyTokenFn<C>;
  /**
   * Tells who the token belongs to, in place of {@linkcode CliAuth.resolveAuthInfo}. What it throws lets nobody in: a
   * `ClerkCliAuthError` keeps its code.
   */
  resolveIdentity?: ResolveAuthInfoFn<C>;
  /** The same, under another name of Clerk's draft. */
  resolveAuthInfo?: ResolveAuthInfoFn<C>;
  /**
   * Describes this backend to a CLI that only knows its URL: a 401 then says where the description is
   * (RFC 9728, section 5.1), and {@linkcode resourceMetadata} serves it there.
   */
  resource?: ResourceOptions;
  /**
   * Tells where a request comes from, such as a client's address that a CDN adds; rejected tokens are charged to it.
   * @default the address of the connection, or what `proxy` says
   */
  source?: (request: Request) => string | undefined;
  /**
   * The proxies of yours through which requests come from private addresses. They must replace or add to the header.
   * @default none: requests from private addresses count as one source
   */
  proxy?: ProxyOptions;
  /**
   * Receives what went wrong on our side (responses 500 and 503); callers are not told. The same error of this package is
   * reported once a minute, with how often it came.
   * @default writes to the console
   */
  onError?: (error: unknown, context: ErrorContext) => Awaitable<void>;
}

/** What a CLI that only knows this backend's URL needs to sign in. */
export interface ResourceOptions {
  /** The issuer to sign in at: the Clerk instance's Frontend API URL. */
  issuer: string;
  /** The client id of the CLI's OAuth application. */
  clientId?: string;
  /** The scopes to ask for. */
  scopes?: readonly string[];
  /**
   * This backend's URL as the CLI knows it: needed behind a proxy that changes scheme or host.
   * @default the URL of the request
   */
  url?: string;
}

/**
 * A store outside this process that remembers verified tokens. It need not be trusted: it only gets sealed values, and
 * what it returns is believed only if the seal is intact.
 */
export interface TokenCache {
  /**
   * Reads a value.
   *
   * @param key The key.
   * @returns The value; `null` or `undefined` if there is none.
   */
  get(key: string): Awaitable<string | null | undefined>;
  /**
   * Writes a value.
   *
   * @param key The key.
   * @param value The value.
   * @param options How long the value is useful, in milliseconds; the store may keep it longer.
   */
  set(key: string, value: string, options: { ttlMs: number }): Awaitable<void>;
  /**
   * Removes a value.
   *
   * @param key The key.
   */
  delete(key: string): Awaitable<void>;
}
