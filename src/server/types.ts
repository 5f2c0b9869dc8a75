import type { Identity } from "../core/identity.ts";
import type { Awaitable } from "../core/time.ts";
import type { ClerkClient, ClerkClientConfig, ClerkClientLike } from "./clerk/client.ts";

/** The options of {@linkcode cliAuth}. */
export interface CliAuthFactoryOptions<C extends ClerkClientLike = ClerkClient> {
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
  /**
   * Accepts only OAuth access tokens that are JWTs, and verifies them with the keys that `issuer` publishes: no secret key is
   * needed, and `CLERK_SECRET_KEY`, `CLERK_JWT_KEY` and `CLERK_OAUTH_CLIENT_ID` are not read. Needs `issuer` and a list of
   * `clientIds`; `client`, `clientConfig`, `lookup` and `cache.store` cannot be given beside it. **A revoked JWT is accepted
   * until it expires**, up to a day later.
   * @default false
   */
  jwtOnly?: boolean;
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

/** The kinds of credential that a backend can accept from a CLI. */
export type TokenKind = "api_key" | "oauth_token";

/** Which kinds an endpoint accepts: one, several, or both (`"any"`). Never a session token or an M2M token. */
export type AcceptsToken = TokenKind | readonly TokenKind[] | "any";

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
   * Where the request came from, such as an address, or a function that tells, which is called only if Clerk is to be asked:
   * many rejected tokens of a source hold up its other unknown tokens, and nobody else's.
   * @default unknown: all requests share one budget for rejections
   */
  source?: string | (() => string | undefined) | undefined;
}

/** What is known about a token. */
export interface TokenInfo<T extends TokenKind = TokenKind> {
  /** Who it belongs to: `user_…`, `org_…`, `mch_…` or `scim_…`. Never taken from a custom claim. */
  subject: string;
  /** Its kind. */
  type: T;
  /** Its scopes. */
  scopes?: string[] | undefined;
  /** An API key's custom claims; all claims of an OAuth access token that is a JWT (RFC 9068, section 2.2). */
  claims?: Record<string, unknown> | undefined;
  /** Its id: an API key's, or the token's `jti`. */
  id?: string;
  /** The OAuth application that it was issued to (RFC 9068, section 2.2: `client_id`). */
  clientId?: string;
  /** The organization chosen at sign-in, or the one that an API key belongs to. */
  orgId?: string;
  /** When it expires, Unix time in milliseconds, if that is known. */
  expiresAt?: number;
}

/** What is known about a token once it has been verified. */
export interface VerifiedToken<T extends TokenKind = TokenKind> extends TokenInfo<T> {
  /** Its scopes, which may be none. */
  scopes: string[];
}

/** Verifies the credentials that a CLI sends, through one Clerk client. */
export interface CliAuthInstance<C extends ClerkClientLike = ClerkClient> {
  /**
   * Guards a route: verifies the bearer token of a request, and tells whose it is or how to refuse the request. It never
   * rejects, and does not touch the body.
   *
   * @param request The request: a `Request`, or one of Node's.
   * @param options What the token must satisfy.
   * @returns The identity, or the response to send. Errors follow RFC 6750, section 3, as for {@linkcode handle}.
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
   * @throws {ClerkCliAuthError} `not_authenticated` if it is rejected, `insufficient_scope` if it lacks a scope,
   * `unavailable` if Clerk cannot tell right now, `config` if the server is misconfigured.
   */
  verifyToken<T extends TokenKind = TokenKind>(
    token: string,
    options?: VerifyOptions,
  ): Promise<VerifiedToken<T>>;
  /**
   * Verifies the bearer token of a request (RFC 6750, section 2.1).
   *
   * @param request The request: a `Request`, or one of Node's.
   * @param options What the token must satisfy.
   * @returns What is known about it.
   * @throws {ClerkCliAuthError} As {@linkcode CliAuthInstance.verifyToken}; also `invalid_request` if the header is
   * malformed. {@linkcode errorResponse} makes a response of it.
   */
  verifyTokenFromRequest<T extends TokenKind = TokenKind>(
    request: Request | NodeRequest,
    options?: VerifyOptions,
  ): Promise<VerifiedToken<T>>;
  /**
   * Tells who a verified token belongs to.
   *
   * @param context The verified token; the rest is not used.
   * @returns The identity; its `sub` is the verified subject.
   * @throws {ClerkCliAuthError} With `lookup`: `not_authenticated` if the subject no longer exists, `unavailable`
   * if Clerk cannot tell right now.
   */
  resolveIdentity<T extends TokenKind = TokenKind>(context: TokenContext<T, C>): Promise<Identity>;
  /**
   * The same, under an earlier name.
   *
   * @param context The verified token.
   * @returns The identity.
   * @deprecated Use {@linkcode CliAuthInstance.resolveIdentity}.
   */
  resolveAuthInfo<T extends TokenKind = TokenKind>(context: TokenContext<T, C>): Promise<Identity>;
  /**
   * The Clerk client; created on first use.
   *
   * @returns The client.
   * @throws {ClerkCliAuthError} `config` if there is none.
   */
  getClerk(): Promise<C>;
}

/** What {@linkcode CliAuthInstance.resolveIdentity} takes. */
export type TokenContext<T extends TokenKind = TokenKind, C extends ClerkClientLike = ClerkClient> =
  & Pick<ResolveIdentityContext<T, C>, "tokenInfo">
  & Partial<ResolveIdentityContext<T, C>>;

/** The part of a request of Node's (`IncomingMessage`) that is used. */
export interface NodeRequest {
  /** Its method. */
  method?: string | undefined;
  /** Its path and query. */
  url?: string | undefined;
  /** The same where a framework such as Express shortens `url` for a router. */
  originalUrl?: string | undefined;
  /** Its headers, by their names in lower case. */
  headers: Record<string, string | string[] | undefined>;
  /** Its headers as they came, names and values in turn: they show an `Authorization` that came twice. */
  rawHeaders?: string[] | undefined;
  /** Its connection. */
  socket?: { remoteAddress?: string | undefined; encrypted?: boolean | undefined } | null | undefined;
}

/** The options of {@linkcode CliAuthInstance.authenticate}. */
export interface AuthenticateOptions extends VerifyOptions {
  /**
   * The organization that the credential itself must name: the one chosen at sign-in, or the one that an API key belongs
   * to. This does not ask Clerk whether its owner is still a member; an opaque OAuth token names no organization, and is
   * always refused.
   * @default any, or none
   */
  organization?: string;
  /** Describes this backend, as in {@linkcode HandleOptions.resource}. */
  resource?: ResourceOptions | undefined;
  /**
   * Receives what went wrong on our side, as in {@linkcode HandleOptions.onError}.
   * @default writes to the console
   */
  onError?: HandleOptions["onError"] | undefined;
}

/** What {@linkcode CliAuthInstance.authenticate} found out: whose the token is, or the response that refuses the request. */
export type Authentication<T extends TokenKind = TokenKind> =
  | { ok: true; identity: Identity; tokenInfo: VerifiedToken<T> }
  | { ok: false; response: Response };

/** The input of your own verifier. */
export interface VerifyTokenContext<
  T extends TokenKind = TokenKind,
  C extends ClerkClientLike = ClerkClient,
> {
  /** The token, not yet verified. */
  token: string;
  /** Its kind, judged by its form. */
  type: T;
  /** The request that it came with. */
  request: Request;
  /** The Clerk client. */
  clerk: C;
}

/** Replaces the verification of {@linkcode handle}; throws if the token is rejected. */
export type VerifyTokenFn<T extends TokenKind = TokenKind, C extends ClerkClientLike = ClerkClient> = (
  context: VerifyTokenContext<T, C>,
) => Awaitable<TokenInfo<T>>;

/** The input of your own resolver. */
export interface ResolveIdentityContext<
  T extends TokenKind = TokenKind,
  C extends ClerkClientLike = ClerkClient,
> {
  /** The verified token. */
  tokenInfo: TokenInfo<T>;
  /** The request that it came with. */
  request: Request;
  /** The Clerk client. */
  clerk: C;
}

/** Replaces how {@linkcode handle} tells who a token belongs to. */
export type ResolveIdentityFn<T extends TokenKind = TokenKind, C extends ClerkClientLike = ClerkClient> = (
  context: ResolveIdentityContext<T, C>,
) => Awaitable<Identity>;

/**
 * The same, under an earlier name.
 *
 * @deprecated Use {@linkcode ResolveIdentityContext}.
 */
export type ResolveAuthInfoContext<T extends TokenKind = TokenKind> = ResolveIdentityContext<T>;

/**
 * The same, under an earlier name.
 *
 * @deprecated Use {@linkcode ResolveIdentityFn}.
 */
export type ResolveAuthInfoFn<T extends TokenKind = TokenKind> = ResolveIdentityFn<T>;

/** What {@linkcode handle} reports along with an error. */
export interface ErrorContext {
  /** The request that failed. */
  request: Request;
  /** How often it failed in this way since that was last reported, this time included. */
  count: number;
}

/** The options of {@linkcode handle}. */
export interface HandleOptions<T extends TokenKind = TokenKind, C extends ClerkClientLike = ClerkClient> {
  /** The verifier. */
  auth: CliAuthInstance<C>;
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
   * Verifies the token in place of {@linkcode CliAuthInstance.verifyToken}, including `clientIds`, `issuer` and `audience`. A
   * Clerk API error with status 400 or 404 and a reason is a rejection; a `ClerkCliAuthError` keeps its code.
   */
  verifyToken?: VerifyTokenFn<T, C>;
  /**
   * Tells who the token belongs to, in place of {@linkcode CliAuthInstance.resolveIdentity}. What it throws lets nobody in:
   * a `ClerkCliAuthError` keeps its code.
   */
  resolveIdentity?: ResolveIdentityFn<T, C>;
  /**
   * The same, under an earlier name.
   *
   * @deprecated Use {@linkcode HandleOptions.resolveIdentity}.
   */
  resolveAuthInfo?: ResolveIdentityFn<T, C>;
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

/** The proxies in front of a backend, and what they tell it. */
export interface ProxyOptions {
  /** The header to which each proxy adds the address that called it, such as `x-forwarded-for` or `forwarded`. */
  header: string;
  /**
   * How many proxies of yours add to it. The address is counted from the right: what is left of theirs, callers can make up.
   * @default 1
   */
  count?: number;
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
