import type { Identity } from "../core/identity.ts";
import type { Awaitable } from "../core/time.ts";
import type { ClerkClient, ClerkClientConfig, ClerkClientLike } from "./clerk/client.ts";

/** The options of {@linkcode cliAuth}. */
export interface CliAuthFactoryOptions<C extends ClerkClientLike = ClerkClient> {
  /** A Clerk client, or a function that creates one. The function is called once, on first use. */
  client?: C | (() => Awaitable<C>);
  /**
   * How to create a client. Beside `client`, it provides the `secretKey` and `jwtKey` that a client does not
   * reveal.
   * @default `CLERK_SECRET_KEY`, `CLERK_PUBLISHABLE_KEY`, `CLERK_API_URL` and `CLERK_JWT_KEY` in the environment
   */
  clientConfig?: ClerkClientConfig;
  /**
   * What the platform passes with a request. Variables are read from here first, then from the process.
   * Needed on Workers.
   * @default inside the `auth` function of `fetchHandler()`, what that function is called with
   */
  env?: object | undefined;
  /**
   * The OAuth applications whose access tokens are accepted. `"any"` accepts every application of the Clerk
   * instance. Without a list every application is accepted, too, but the log warns about it.
   * @default `CLERK_OAUTH_CLIENT_ID` in the environment; it must not be empty, and reading it must be allowed
   */
  clientIds?: readonly string[] | "any";
  /** The issuer that an OAuth access token must name, if it is a JWT. */
  issuer?: string;
  /** The audiences. An OAuth access token must name one of them. */
  audience?: string | readonly string[];
  /**
   * Remembers verified opaque tokens and API keys until they expire, to save calls to Clerk. **After a
   * revocation, they stay valid for up to `ttlMs`.** JWTs are always remembered, for at most five minutes.
   * @default no cache: each request with an opaque token or API key calls Clerk
   */
  cache?: CacheOptions;
  /**
   * How long a token may wait for its turn and for Clerk, in milliseconds.
   * @default 10000
   */
  requestTimeoutMs?: number;
  /**
   * Whether to look up the name, email and slug of users, organizations and machines. It costs another call
   * to Clerk, remembered as long as `cache` says.
   * @default false
   */
  lookup?: boolean;
  /**
   * Accepts only OAuth access tokens that are JWTs, and verifies them with the keys that `issuer` publishes.
   * It needs no secret key and does not read `CLERK_SECRET_KEY`, `CLERK_JWT_KEY` and `CLERK_OAUTH_CLIENT_ID`.
   * It requires `issuer` and a list of `clientIds`, and excludes `client`, `clientConfig`, `lookup` and
   * `cache.store`. **A revoked JWT is accepted until it expires**, up to a day later.
   * @default false
   */
  jwtOnly?: boolean;
}

/** How to remember verified opaque tokens and API keys. */
export interface CacheOptions {
  /** How long to remember them, in milliseconds. This is the longest that a revocation may go unnoticed. */
  ttlMs: number;
  /**
   * A store that all processes share: Workers KV, Deno KV, Redis. Its content is sealed with keys derived
   * from the Clerk secret key. Beside a `client`, `clientConfig` must contain that key. Verifiers with a
   * different `audience` or `ttlMs` share nothing.
   * @default this process only
   */
  store?: TokenCache;
  /**
   * Called when the store fails. Verification goes on without it.
   * @default nobody is told
   */
  onError?: (error: unknown) => void;
}

/** The kinds of credential that a CLI can send. */
export type TokenKind = "api_key" | "oauth_token";

/** The kinds that an endpoint accepts: one, several, or both (`"any"`). Never session tokens or M2M tokens. */
export type AcceptsToken = TokenKind | readonly TokenKind[] | "any";

/** What a verified credential must satisfy. */
export interface VerifyOptions {
  /**
   * The accepted kinds.
   * @default "any"
   */
  accepts?: AcceptsToken;
  /**
   * The scopes that it must have, all of them.
   * @default []
   */
  scopes?: readonly string[];
  /**
   * Where the request came from, such as an address, or a function that returns it, called only if Clerk must
   * be asked. Many rejected tokens from a source delay its other unknown tokens, but nobody else's.
   * @default unknown: all requests share one budget for rejections
   */
  source?: string | (() => string | undefined) | undefined;
}

/** What is known about a token. */
export interface TokenInfo<T extends TokenKind = TokenKind> {
  /** The owner: `user_…`, `org_…`, `mch_…` or `scim_…`. Never taken from a custom claim. */
  subject: string;
  /** The kind. */
  type: T;
  /** The scopes. */
  scopes?: string[] | undefined;
  /** The custom claims of an API key, or all claims of an OAuth access token that is a JWT (RFC 9068, section 2.2). */
  claims?: Record<string, unknown> | undefined;
  /** The ID of the API key, or the token's `jti`. */
  id?: string;
  /** The OAuth application that the token was issued to (RFC 9068, section 2.2: `client_id`). */
  clientId?: string;
  /** The organization chosen at sign-in, or the one that owns the API key. */
  orgId?: string;
  /** When the token expires, in Unix milliseconds, if known. */
  expiresAt?: number;
}

/** What is known about a verified token: its scopes, too, which may be none. */
export type VerifiedToken<T extends TokenKind = TokenKind> = TokenInfo<T> & { scopes: string[] };

/** Verifies the credentials that a CLI sends. */
export interface CliAuthInstance<C extends ClerkClientLike = ClerkClient> {
  /**
   * Guards a route: verifies the bearer token of a request and returns its owner, or the response that
   * rejects the request. It never throws and does not read the body.
   *
   * @param request The request: a `Request`, or Node's.
   * @param options What the token must satisfy.
   * @returns The identity, or the response to send. Errors follow RFC 6750, section 3, as in
   * {@linkcode handle}.
   *
   * @example
   * ```ts
   * import { cliAuth } from "@clerk/cli-auth/server";
   *
   * const auth = cliAuth({ clientIds: ["your-oauth-client-id"] });
   *
   * export async function POST(request: Request): Promise<Response> {
   *   const result = await auth.authenticate(request, { scopes: ["notes:write"] });
   *   if (!result.ok) return result.response;
   *   return Response.json({ by: result.identity.sub }, { status: 201 });
   * }
   * ```
   */
  authenticate<T extends TokenKind = TokenKind>(
    request: Request | NodeRequest,
    options?: AuthenticateOptions,
  ): Promise<Authentication<T>>;
  /**
   * Verifies a token.
   *
   * @param token An API key or an OAuth access token.
   * @param options What it must satisfy.
   * @returns What is known about it.
   * @throws {ClerkCliAuthError} `not_authenticated` if it is rejected, `insufficient_scope` if a scope is
   * missing, `unavailable` if Clerk cannot tell right now, `config` if the server is misconfigured.
   */
  verifyToken<T extends TokenKind = TokenKind>(
    token: string,
    options?: VerifyOptions,
  ): Promise<VerifiedToken<T>>;
  /**
   * Verifies the bearer token of a request (RFC 6750, section 2.1).
   *
   * @param request The request: a `Request`, or Node's.
   * @param options What the token must satisfy.
   * @returns What is known about it.
   * @throws {ClerkCliAuthError} As {@linkcode CliAuthInstance.verifyToken}, and `invalid_request` if the
   * header is malformed. {@linkcode errorResponse} turns it into a response.
   */
  verifyTokenFromRequest<T extends TokenKind = TokenKind>(
    request: Request | NodeRequest,
    options?: VerifyOptions,
  ): Promise<VerifiedToken<T>>;
  /**
   * Returns the owner of a verified token.
   *
   * @param context The verified token; the rest is ignored.
   * @returns The identity. Its `sub` is the verified subject.
   * @throws {ClerkCliAuthError} With `lookup`: `not_authenticated` if the subject no longer exists,
   * `unavailable` if Clerk cannot tell right now.
   */
  resolveIdentity<T extends TokenKind = TokenKind>(context: TokenContext<T, C>): Promise<Identity>;
  /**
   * The former name of {@linkcode CliAuthInstance.resolveIdentity}.
   *
   * @param context The verified token.
   * @returns The identity.
   * @deprecated Use {@linkcode CliAuthInstance.resolveIdentity}.
   */
  resolveAuthInfo<T extends TokenKind = TokenKind>(context: TokenContext<T, C>): Promise<Identity>;
  /**
   * Returns the Clerk client, created on first use.
   *
   * @returns The client.
   * @throws {ClerkCliAuthError} `config` if there is none.
   */
  getClerk(): Promise<C>;
}

/** The input of {@linkcode CliAuthInstance.resolveIdentity}. */
export type TokenContext<T extends TokenKind = TokenKind, C extends ClerkClientLike = ClerkClient> =
  & Pick<ResolveIdentityContext<T, C>, "tokenInfo">
  & Partial<ResolveIdentityContext<T, C>>;

/** The part of Node's `IncomingMessage` that is used. */
export interface NodeRequest {
  /** The method. */
  method?: string | undefined;
  /** The path and query. */
  url?: string | undefined;
  /** The original `url`, if a framework such as Express shortens it for a router. */
  originalUrl?: string | undefined;
  /** The headers, by lower-case name. */
  headers: Record<string, string | string[] | undefined>;
  /** The raw headers, names and values alternating. They reveal a repeated `Authorization`. */
  rawHeaders?: string[] | undefined;
  /** The connection. */
  socket?: { remoteAddress?: string | undefined; encrypted?: boolean | undefined } | null | undefined;
}

/** The options of {@linkcode CliAuthInstance.authenticate}. */
export interface AuthenticateOptions extends VerifyOptions, Pick<HandleOptions, "resource" | "onError"> {
  /**
   * The organization that the credential itself must name: the one chosen at sign-in, or the owner of the API
   * key. This does not check with Clerk that the user is still a member. An opaque OAuth token names no
   * organization and is always rejected.
   * @default any, or none
   */
  organization?: string;
}

/**
 * The result of {@linkcode CliAuthInstance.authenticate}: the owner of the token, or the response that
 * rejects the request.
 */
export type Authentication<T extends TokenKind = TokenKind> =
  | { ok: true; identity: Identity; tokenInfo: VerifiedToken<T> }
  | { ok: false; response: Response };

/** The input of your own verifier. */
export interface VerifyTokenContext<
  T extends TokenKind = TokenKind,
  C extends ClerkClientLike = ClerkClient,
> {
  /** The token, not verified yet. */
  token: string;
  /** The kind, judged by its form. */
  type: T;
  /** The request that contained it. */
  request: Request;
  /** The Clerk client. */
  clerk: C;
}

/** Replaces the verification of {@linkcode handle}. It throws if the token is rejected. */
export type VerifyTokenFn<T extends TokenKind = TokenKind, C extends ClerkClientLike = ClerkClient> = (
  context: VerifyTokenContext<T, C>,
) => Awaitable<TokenInfo<T>>;

/** The input of your own resolver. */
export interface ResolveIdentityContext<
  T extends TokenKind = TokenKind,
  C extends ClerkClientLike = ClerkClient,
> extends Pick<VerifyTokenContext<T, C>, "request" | "clerk"> {
  /** The verified token. */
  tokenInfo: TokenInfo<T>;
}

/** Replaces how {@linkcode handle} determines the owner of a token. */
export type ResolveIdentityFn<T extends TokenKind = TokenKind, C extends ClerkClientLike = ClerkClient> = (
  context: ResolveIdentityContext<T, C>,
) => Awaitable<Identity>;

/**
 * The former name of {@linkcode ResolveIdentityContext}.
 *
 * @deprecated Use {@linkcode ResolveIdentityContext}.
 */
export type ResolveAuthInfoContext<T extends TokenKind = TokenKind> = ResolveIdentityContext<T>;

/**
 * The former name of {@linkcode ResolveIdentityFn}.
 *
 * @deprecated Use {@linkcode ResolveIdentityFn}.
 */
export type ResolveAuthInfoFn<T extends TokenKind = TokenKind> = ResolveIdentityFn<T>;

/** What {@linkcode handle} reports with an error. */
export interface ErrorContext {
  /** The request that failed. */
  request: Request;
  /** How many times it failed in this way since the last report, including this one. */
  count: number;
}

/** The options of {@linkcode handle}. */
export interface HandleOptions<T extends TokenKind = TokenKind, C extends ClerkClientLike = ClerkClient> {
  /** The verifier. */
  auth: CliAuthInstance<C>;
  /**
   * The accepted kinds of credential, even with your own `verifyToken`.
   * @default "any"
   */
  accepts?: AcceptsToken;
  /**
   * The scopes that a credential must have, all of them, even with your own `verifyToken`.
   * @default []
   */
  scopes?: readonly string[];
  /**
   * Verifies the token instead of {@linkcode CliAuthInstance.verifyToken}, and instead of `clientIds`,
   * `issuer` and `audience`. A Clerk API error with status 400 or 404 and a reason is a rejection; a
   * `ClerkCliAuthError` keeps its code.
   */
  verifyToken?: VerifyTokenFn<T, C>;
  /**
   * Returns the owner of the token instead of {@linkcode CliAuthInstance.resolveIdentity}. Whatever it throws
   * rejects the request; a `ClerkCliAuthError` keeps its code.
   */
  resolveIdentity?: ResolveIdentityFn<T, C>;
  /**
   * The former name of {@linkcode HandleOptions.resolveIdentity}.
   *
   * @deprecated Use {@linkcode HandleOptions.resolveIdentity}.
   */
  resolveAuthInfo?: ResolveIdentityFn<T, C>;
  /**
   * Describes this backend to a CLI that only knows its URL. A 401 then links the description (RFC 9728,
   * section 5.1), and {@linkcode resourceMetadata} serves it.
   */
  resource?: ResourceOptions;
  /**
   * Returns where a request comes from, such as the client address that a CDN adds. Rejected tokens are
   * charged to it.
   * @default the address of the connection, or what `proxy` says
   */
  source?: (request: Request) => string | undefined;
  /**
   * Your proxies that forward requests from private addresses. They must replace the header or append to it.
   * @default none: requests from private addresses count as one source
   */
  proxy?: ProxyOptions;
  /**
   * Receives errors on our side (responses 500 and 503), which callers do not see. The same error of this
   * package is reported once a minute, with a count.
   * @default writes to the console
   */
  onError?: (error: unknown, context: ErrorContext) => Awaitable<void>;
}

/** The proxies in front of a backend. */
export interface ProxyOptions {
  /** The header to which each proxy appends the address of its caller, such as `x-forwarded-for` or `forwarded`. */
  header: string;
  /**
   * How many of your proxies append to it. Addresses are counted from the right, because callers can forge
   * the rest.
   * @default 1
   */
  count?: number;
}

/** What a CLI that only knows this backend's URL needs to sign in. */
export interface ResourceOptions {
  /** The issuer: the Frontend API URL of the Clerk instance. */
  issuer: string;
  /** The client ID of the CLI's OAuth application. */
  clientId?: string;
  /** The scopes to request. */
  scopes?: readonly string[];
  /**
   * This backend's URL as the CLI knows it. Needed behind a proxy that changes the scheme or host.
   * @default the URL of the request
   */
  url?: string;
}

/**
 * A store for verified tokens outside this process. You need not trust it: it only gets sealed values, and
 * altered ones are ignored.
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
   * @param options `ttlMs`: how long the value is useful, in milliseconds. The store may keep it longer.
   */
  set(key: string, value: string, options: { ttlMs: number }): Awaitable<void>;
  /**
   * Removes a value.
   *
   * @param key The key.
   */
  delete(key: string): Awaitable<void>;
}
