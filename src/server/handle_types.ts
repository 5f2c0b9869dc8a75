import type { Identity } from "../core/identity.ts";
import type { Awaitable } from "./awaitable.ts";
import type { CliAuth } from "./cli_auth_types.ts";
import type { ClerkClientLike } from "./clerk_client.ts";
import type { ResourceOptions } from "./resource.ts";
import type { TokenInfo } from "./token_info.ts";
import type { AcceptsToken, TokenType } from "./token_type.ts";

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
