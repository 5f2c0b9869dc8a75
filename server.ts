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
export { handle } from "./src/server/handle.ts";
export type { CacheOptions, CliAuth, CliAuthOptions, VerifyOptions } from "./src/server/cli_auth_types.ts";
export type { Awaitable, ResolveAuthInfoInput } from "./src/server/cli_auth_types.ts";
export type {
  AuthenticateOptions,
  AuthenticateState,
  ClerkClientConfig,
  ClerkClientLike,
} from "./src/server/clerk_client.ts";
export type { ErrorBody } from "./src/server/answer.ts";
export type {
  ErrorContext,
  HandleOptions,
  ResolveAuthInfoContext,
  ResolveAuthInfoFn,
  VerifiedToken,
  VerifyTokenContext,
  VerifyTokenFn,
} from "./src/server/handle_types.ts";
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
