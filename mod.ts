/**
 * Clerk sign-in for command-line tools on Deno, Node and Bun: PKCE with a loopback redirect, token storage,
 * refresh and revocation. See also `@clerk/cli-auth/commands` (ready-made commands), `@clerk/cli-auth/server`
 * (token verification for your backend) and `@clerk/cli-auth/testing` (an emulator of Clerk).
 *
 * @example Sign in with a Clerk instance
 * ```ts ignore
 * import { ClerkCliAuth } from "@clerk/cli-auth";
 *
 * const auth = new ClerkCliAuth({ clientId: "your-client-id", issuer: "https://your-app.clerk.accounts.dev" });
 * const { user } = await auth.login();
 * console.log(`Signed in as ${user.email}`);
 * ```
 *
 * @example Sign in with the emulator, without an account or a real browser
 * ```ts
 * import { ClerkCliAuth } from "@clerk/cli-auth";
 * import { createEmulator, createScriptedBrowser } from "@clerk/cli-auth/testing";
 *
 * const emulator = createEmulator();
 * const { issuer, close } = await emulator.listen();
 * const auth = new ClerkCliAuth({
 *   clientId: emulator.application.clientId,
 *   issuer,
 *   storage: "memory",
 *   openBrowser: createScriptedBrowser().opener(),
 * });
 * const { user } = await auth.login();
 * console.log(`Signed in as ${user.email}`); // ada@example.com
 * await close();
 * ```
 *
 * @module
 */
export { type CallSignal, ClerkCliAuth, type SelectedProfile } from "./src/client/clerk_cli_auth.ts";
export type {
  ClerkCliAuthConfig,
  FetchFunction,
  PageColor,
  PageOptions,
  ProfileSource,
} from "./src/client/config.ts";
export type { DiscoverOptions } from "./src/client/discover_backend.ts";
export type { AuthEvent, SessionEndReason } from "./src/client/events.ts";
export type {
  AccessTokenOptions,
  ResolvedToken,
  ResolveTokenOptions,
} from "./src/client/session/access_token.ts";
export type { LoginResult } from "./src/client/login/accept_tokens.ts";
export type { LoginMethod, LoginOptions } from "./src/client/login/login.ts";
export type { BeginLoginOptions, LoginInstructions } from "./src/client/login/begin_login.ts";
export type { CompleteLoginOptions } from "./src/client/login/complete_login.ts";
export type { LogoutOptions, LogoutReport } from "./src/client/session/logout.ts";
export type { TokenRevocation } from "./src/client/session/revocation.ts";
export {
  type EndpointOptions,
  fetchIdentity,
  type FetchIdentityOptions,
  type RequestOptions,
  revokeToken,
  type RevokeTokenOptions,
  verifyToken,
  type VerifyTokenOptions,
} from "./src/client/functions.ts";
export { createCredentialStore, type CredentialStoreOptions } from "./src/storage/create_credential_store.ts";
export type { CredentialStore, Protection } from "./src/storage/store.ts";
export type { Awaitable } from "./src/core/time.ts";
export type { BuiltInStoreKind } from "./src/storage/open_store.ts";
export type { ResponseMode } from "./src/core/authorization.ts";
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
export type { TokenSet } from "./src/core/tokens.ts";
export type { TokenTypeHint } from "./src/core/token_endpoint.ts";
