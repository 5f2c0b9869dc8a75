/**
 * Sign-in for command-line tools, with Clerk, in Deno, Node and Bun: PKCE and a loopback callback, token storage,
 * refresh, revocation, and the choice of a credential. The ready commands are in `@clerk/cli-auth/commands`, what the
 * backend needs is in `@clerk/cli-auth/server`, an emulator of Clerk in `@clerk/cli-auth/testing`.
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
 * @example The same on the emulator, without an account and without a person
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
export { ClerkCliAuth } from "./src/client/clerk_cli_auth.ts";
export type { CallSignal } from "./src/client/clerk_cli_auth.ts";
export type { ClerkCliAuthConfig } from "./src/client/config.ts";
export type { PageColor, PageOptions } from "./src/client/page_options.ts";
export type { DiscoverOptions } from "./src/client/discover.ts";
export type { AuthEvent, SessionEndReason } from "./src/client/events.ts";
export type { AccessTokenOptions } from "./src/client/access_token.ts";
export type { LoginMethod, LoginOptions, LoginResult } from "./src/client/login.ts";
export type { LogoutOptions, LogoutReport } from "./src/client/logout.ts";
export type { TokenRevocation } from "./src/client/revoke_tokens.ts";
export type { ResolvedToken, ResolveTokenOptions } from "./src/client/credential_choice.ts";
export { fetchIdentity, revokeToken, verifyToken } from "./src/client/standalone.ts";
export type {
  EndpointOptions,
  FetchIdentityOptions,
  RequestOptions,
  RevokeTokenOptions,
  VerifyTokenOptions,
} from "./src/client/standalone.ts";
export { createCredentialStore } from "./src/storage/create_credential_store.ts";
export type { CredentialStoreOptions } from "./src/storage/create_credential_store.ts";
export type { Protection } from "./src/storage/built_in_store.ts";
export type { Awaitable, CredentialStore } from "./src/storage/credential_store.ts";
export type { BuiltInStoreKind } from "./src/storage/open_built_in_store.ts";
export type { ResponseMode } from "./src/core/authorization_url.ts";
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
export type { TokenTypeHint } from "./src/core/revocation.ts";
export type { TokenSet } from "./src/core/token_set.ts";
