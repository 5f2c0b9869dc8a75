import type { Identity } from "../core/identity.ts";
import type { Awaitable } from "../core/time.ts";
import type { TokenCache } from "./cache/token_cache.ts";
import type { ClerkClientConfig, ClerkClientLike } from "./clerk/client.ts";
import type { AcceptsToken, TokenType } from "./token/credential.ts";
import type { TokenInfo } from "./token/token_info.ts";

/** The options of {@linkcode cliAuth}. */
export interface CliAuthOptions<C extends ClerkClientLike = ClerkClientLike> {
  /** A Clerk client, or a function that gives one; it is called once, on first use. */
  client?: C | (() => Awaitable<C>);
  /**
   * What to create a client with. Beside `client`, its `secretKey` and `jwtKey` are what could not be asked of it.
   * @default the environment's `CLERK_SECRET_KEY`, and `CLERK_PUBLISHABLE_KEY`, `CLERK_API_URL`, `CLERK_JWT_KEY`
   */
  clientConfig?: ClerkClientConfig;
  /**
   * The OAuth applications whose access tokens are taken. Without it, every application of the Clerk instance can
   * call this backend.
   * @default the environment's `CLERK_OAUTH_CLIENT_ID`, if set
   */
  clientIds?: readonly string[];
  /** The issuer that an OAuth access token must name, if it is a JWT. */
  issuer?: string;
  /** The audiences of which an OAuth access token must name one. */
  audience?: string | readonly string[];
  /**
   * Remembers verified opaque tokens and API keys, so that not every request calls Clerk. **A revoked one is then
   * taken for up to `ttlMs` longer.** JWTs are always remembered, until they expire and at most five minutes.
   * @default none: every request with an opaque token or an API key calls Clerk
   */
  cache?: CacheOptions;
  /**
   * How long to wait for Clerk, in milliseconds.
   * @default 10000
   */
  requestTimeoutMs?: number;
  /**
   * Whether users, organizations and machines are looked up for their name, email and slug: one more call to Clerk,
   * remembered as long as `cache` says.
   * @default false
   */
  lookup?: boolean;
}

/** How verified opaque tokens and API keys are remembered. */
export interface CacheOptions {
  /** For how long, in milliseconds: the longest that a revocation can take to show. */
  ttlMs: number;
  /**
   * Where else than in this process, so that all processes share it: Workers KV, Deno KV, Redis. What is kept there is
   * sealed under keys derived from the Clerk secret key, which must stand in `clientConfig` beside a `client`. Verifiers
   * with another `audience` or `ttlMs` share nothing.
   * @default this process alone
   */
  store?: TokenCache;
  /**
   * Hears of a store that fails. Verification goes on without it.
   * @default nothing is told
   */
  onError?: (error: unknown) => void;
}

/** What a verified credential must satisfy. */
export interface VerifyOptions {
  /**
   * The kinds that are taken.
   * @default "any"
   */
  accepts?: AcceptsToken;
  /**
   * The scopes that it must carry, all of them.
   * @default []
   */
  scopes?: readonly string[];
}

/** What {@linkcode CliAuth.resolveAuthInfo} works on. */
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
   * @throws {ClerkCliAuthError} `not_authenticated` when it is rejected, `insufficient_scope` when it lacks a scope,
   * `unavailable` when Clerk cannot tell now, `config` when the server is set up wrongly.
   */
  verifyToken(token: string, options?: VerifyOptions): Promise<TokenInfo>;
  /**
   * Verifies the bearer token of a request (RFC 6750, section 2.1).
   *
   * @param request The request.
   * @param options What the token must satisfy.
   * @returns What is known about it.
   * @throws {ClerkCliAuthError} As {@linkcode CliAuth.verifyToken}; also `invalid_request` when the header is
   * malformed.
   */
  verifyTokenFromRequest(request: Request, options?: VerifyOptions): Promise<TokenInfo>;
  /**
   * Tells whom a verified token belongs to.
   *
   * @param input The verified token.
   * @returns The identity; its `sub` is the verified subject.
   * @throws {ClerkCliAuthError} With `lookup`: `not_authenticated` when the subject no longer exists, `unavailable`
   * when Clerk cannot tell now.
   */
  resolveAuthInfo(input: ResolveAuthInfoInput): Promise<Identity>;
  /**
   * The Clerk client; created on first use.
   *
   * @returns The client.
   * @throws {ClerkCliAuthError} `config` when there is none.
   */
  getClerk(): Promise<C>;
}

/** What a verifier of your own works on. */
export interface VerifyTokenContext<C extends ClerkClientLike = ClerkClientLike> {
  /** The token, not yet verified. */
  token: string;
  /** Its kind, by its form. */
  type: TokenType;
  /** The request that it came with. */
  request: Request;
  /** The Clerk client. */
  clerk: C;
}

/** What a verifier of your own found out; scopes may be left out when there are none. */
export type VerifiedToken = Omit<TokenInfo, "scopes"> & { scopes?: string[] | undefined };

/** Replaces the verification of {@linkcode handle}; throws when the token is rejected. */
export type VerifyTokenFn<C extends ClerkClientLike = ClerkClientLike> = (
  context: VerifyTokenContext<C>,
) => Awaitable<VerifiedToken>;

/** What a resolver of your own works on. */
export interface ResolveAuthInfoContext<C extends ClerkClientLike = ClerkClientLike> {
  /** The verified token. */
  tokenInfo: TokenInfo;
  /** The request that it came with. */
  request: Request;
  /** The Clerk client. */
  clerk: C;
}

/** Replaces how {@linkcode handle} tells whom a token belongs to. */
export type ResolveAuthInfoFn<C extends ClerkClientLike = ClerkClientLike> = (
  context: ResolveAuthInfoContext<C>,
) => Awaitable<Identity>;

/** What {@linkcode handle} reports beside an error. */
export interface ErrorContext {
  /** The request that could not be answered. */
  request: Request;
}

/** The options of {@linkcode handle}. */
export interface HandleOptions<C extends ClerkClientLike = ClerkClientLike> {
  /** The verifier. */
  auth: CliAuth<C>;
  /**
   * The kinds of credential that are taken. It holds for a `verifyToken` of your own too.
   * @default "any"
   */
  accepts?: AcceptsToken;
  /**
   * The scopes that a credential must carry, all of them. They hold for a `verifyToken` of your own too.
   * @default []
   */
  scopes?: readonly string[];
  /**
   * Verifies the token instead of {@linkcode CliAuth.verifyToken}, `clientIds`, `issuer` and `audience` included. An
   * API error of Clerk's with status 400 or 404 is a rejection; a `ClerkCliAuthError` keeps its code.
   */
  verifyToken?: VerifyTokenFn<C>;
  /** Tells whom the token belongs to, instead of {@linkcode CliAuth.resolveAuthInfo}. */
  resolveAuthInfo?: ResolveAuthInfoFn<C>;
  /**
   * Describes this backend to a CLI that is given only its address: a 401 then says where the description is
   * (RFC 9728, section 5.1), and {@linkcode resourceMetadata} serves it there.
   */
  resource?: ResourceOptions;
  /**
   * Receives what went wrong on our side (answers 500 and 503): callers are not told.
   * @default writes to the console
   */
  onError?: (error: unknown, context: ErrorContext) => Awaitable<void>;
}

/** What a CLI that is given only this backend's address needs to sign in. */
export interface ResourceOptions {
  /** The issuer that it signs in at: the Clerk instance's Frontend API URL. */
  issuer: string;
  /** The client id of the CLI's OAuth application. */
  clientId?: string;
  /** The scopes to ask for. */
  scopes?: readonly string[];
  /**
   * This backend's address as the CLI knows it: needed behind a proxy that changes scheme or host.
   * @default the address of the request
   */
  url?: string;
}
