/**
 * The backend half: verifies what a CLI sends (Clerk API keys and OAuth access tokens) through `@clerk/backend`, and
 * answers whom it belongs to. Runs on Deno, Node, Bun and Cloudflare Workers; imports nothing of any of them.
 *
 * @example The route that a CLI asks who it is
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
  CacheOptions,
  CliAuth,
  CliAuthOptions,
  ResolveAuthInfoInput,
  VerifyOptions,
} from "./src/server/cli_auth_types.ts";
export { handle } from "./src/server/handle.ts";
export type {
  ErrorContext,
  HandleOptions,
  ResolveAuthInfoContext,
  ResolveAuthInfoFn,
  VerifiedToken,
  VerifyTokenContext,
  VerifyTokenFn,
} from "./src/server/handle_types.ts";
export { fetchHandler } from "./src/server/fetch_handler.ts";
export type { FetchHandler, FetchHandlerOptions } from "./src/server/fetch_handler.ts";
export { resourceMetadata } from "./src/server/resource_metadata.ts";
export type { ResourceMetadata, ResourceOptions } from "./src/server/resource.ts";
export { cacheApiCache, type CacheLike } from "./src/server/platform/cache_api_cache.ts";
export { denoKvCache, type DenoKvLike } from "./src/server/platform/deno_kv_cache.ts";
export { memoryCache, type MemoryCacheOptions } from "./src/server/platform/memory_cache.ts";
export { redisCache, type SendRedisCommand } from "./src/server/platform/redis_cache.ts";
export { workersKvCache, type WorkersKvLike } from "./src/server/platform/workers_kv_cache.ts";
export type {
  AuthenticateOptions,
  AuthenticateState,
  ClerkClientConfig,
  ClerkClientLike,
} from "./src/server/clerk_client.ts";
export type { ErrorBody } from "./src/server/answer.ts";
export type { Awaitable } from "./src/server/awaitable.ts";
export type { CorsOptions } from "./src/server/cors.ts";
export type { TokenCache } from "./src/server/token_cache.ts";
export type { TokenInfo } from "./src/server/token_info.ts";
export type { AcceptsToken, TokenType } from "./src/server/token_type.ts";
export { ClerkCliAuthError, EXIT_CODE, isClerkCliAuthError } from "./src/core/errors.ts";
export type { ClerkCliAuthErrorOptions, ErrorCode } from "./src/core/errors.ts";
export { isMachineIdentity, isOrgIdentity, isScimIdentity, isUserIdentity } from "./src/core/identity.ts";
export type {
  Identity,
  MachineIdentity,
  OrgIdentity,
  ScimIdentity,
  UserIdentity,
} from "./src/core/identity.ts";
