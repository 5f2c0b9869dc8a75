/**
 * Everything that tests import from `src/client`: when code moves, only this file changes.
 *
 * @module
 */
export { getAccessToken } from "../../src/client/session/access_token.ts";
export {
  authorizedFetch,
  type BearerResponse,
  canBeSentAgain,
  sendWithBearer,
} from "../../src/client/fetch/authorized_fetch.ts";
export {
  browserChoice,
  type BrowserMethod,
  type BrowserPlace,
  browserPlace,
  openInBrowser,
  sendToBrowser,
} from "../../src/client/login/browser.ts";
export {
  type CallbackListener,
  openCallbackListener,
  readPostedForm,
} from "../../src/client/login/callback_server.ts";
export { ClerkCliAuth } from "../../src/client/clerk_cli_auth.ts";
export {
  adoptToken,
  askIssuer,
  configOf,
  describeStorage,
  loginAs,
  lookingIn,
  readSession,
  selectProfileOf,
} from "../../src/client/internal_api.ts";
export type { ClerkCliAuthConfig, PageOptions } from "../../src/client/config.ts";
export { parsePageOptions, resolveConfig } from "../../src/client/resolve_config.ts";
export {
  admitOnly,
  confirmSession,
  type LoginResult,
  replaceSession,
  revokePrevious,
} from "../../src/client/login/accept_tokens.ts";
export { type ClientContext, type LiveSession, openContext } from "../../src/client/context.ts";
export type { AuthEvent } from "../../src/client/events.ts";
export { underLock } from "../../src/client/session/lock.ts";
export { login, prefersDevice } from "../../src/client/login/login.ts";
export { oneLogin } from "../../src/client/login/one_login.ts";
export { type LoginTerminal, loginTerminal, StatusLine } from "../../src/client/login/terminal.ts";
export { logout } from "../../src/client/session/logout.ts";
export { failurePage, pageStyle, successPage } from "../../src/client/login/callback_pages.ts";
export {
  isPending,
  retryRevocations,
  revokeTokens,
  settleRevocations,
} from "../../src/client/session/revocation.ts";
export { pollForTokens } from "../../src/client/login/device_flow.ts";
export {
  mergeRefreshed,
  type RefreshableSession,
  useRefreshToken,
} from "../../src/client/session/refresh_grant.ts";
export {
  isFresh,
  isValid,
  readRecord,
  readRetired,
  readToReplace,
  recallMetadata,
  rememberMetadata,
  removeRecord,
  saveLogin,
  saveRecord,
  type SessionRecord,
} from "../../src/client/session/record.ts";
export { JoinableTask } from "../../src/client/session/refresh.ts";
export { whoami } from "../../src/client/session/whoami.ts";
export { refuseOther } from "../../src/core/account.ts";
export { beginLogin } from "../../src/client/login/begin_login.ts";
export { completeLogin, pendingMethod } from "../../src/client/login/complete_login.ts";
