/**
 * Verifies the tokens that a CLI sends to your backend (Clerk API keys and OAuth access tokens), using
 * `@clerk/backend`. Runs on Deno, Node, Bun and Cloudflare Workers without importing anything from them.
 *
 * @example The route that tells a CLI who is signed in
 * ```ts
 * import { cliAuth, handle } from "@clerk/cli-auth/server";
 *
 * const auth = cliAuth({ clientIds: ["your-oauth-client-id"] });
 *
 * export const GET = handle({ auth });
 * ```
 *
 * @module
 */
export { cliAuth } from "./src/server/cli_auth.ts";
export type {
  AcceptsToken,
  AuthenticateOptions,
  Authentication,
  CacheOptions,
  CliAuthFactoryOptions,
  CliAuthInstance,
  ErrorContext,
  HandleOptions,
  NodeRequest,
  ProxyOptions,
  ResolveAuthInfoContext,
  ResolveAuthInfoFn,
  ResolveIdentityContext,
  ResolveIdentityFn,
  ResourceOptions,
  TokenCache,
  TokenContext,
  TokenInfo,
  TokenKind,
  VerifiedToken,
  VerifyOptions,
  VerifyTokenContext,
  VerifyTokenFn,
} from "./src/server/types.ts";
export type { Awaitable } from "./src/core/time.ts";
export { handle } from "./src/server/http/handle.ts";
export {
  type FetchHandler,
  fetchHandler,
  type FetchHandlerOptions,
} from "./src/server/http/fetch_handler.ts";
export { type ResourceMetadata, resourceMetadata } from "./src/server/http/resource_metadata.ts";
export {
  cacheApiCache,
  type CacheLike,
  denoKvCache,
  type DenoKvLike,
  memoryCache,
  type MemoryCacheOptions,
  redisCache,
  type SendRedisCommand,
  workersKvCache,
  type WorkersKvLike,
} from "./src/server/cache/platform_caches.ts";
export type {
  AuthenticateRequestOptions,
  AuthenticateRequestState,
  ClerkClient,
  ClerkClientConfig,
  ClerkClientLike,
} from "./src/server/clerk/client.ts";
export { type ErrorBody, errorResponse } from "./src/server/http/responses.ts";
export type { CorsOptions } from "./src/server/http/cors.ts";
export {
  ClerkCliAuthError,
  type ClerkCliAuthErrorOptions,
  type ErrorCode,
  EXIT_CODE,
  isClerkCliAuthError,
} from "./src/core/errors.ts";
export {
  type Identity,
  isMachineIdentity,
  isOrgIdentity,
  isScimIdentity,
  isUserIdentity,
  type MachineIdentity,
  type OrgIdentity,
  type ScimIdentity,
  type UserIdentity,
} from "./src/core/identity.ts";
