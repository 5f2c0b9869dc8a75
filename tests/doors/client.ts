/**
 * The one way for tests into `src/client`: when its code moves, this file changes, and no test does.
 *
 * @module
 */
export { getAccessToken } from "../../src/client/access_token.ts";
export { authorizedFetch } from "../../src/client/authorized_fetch.ts";
export { browserChoice } from "../../src/client/browser_choice.ts";
export { type BrowserPlace, browserPlace } from "../../src/client/browser_place.ts";
export { type CallbackListener, openCallbackListener } from "../../src/client/callback_listener.ts";
export { ClerkCliAuth } from "../../src/client/clerk_cli_auth.ts";
export {
  adoptToken,
  askIssuer,
  atProfile,
  configOf,
  describeStorage,
  loginAs,
  readSession,
  runtimeOf,
} from "../../src/client/command_access.ts";
export { type ClerkCliAuthConfig, resolveConfig } from "../../src/client/config.ts";
export { confirmSession } from "../../src/client/confirm_session.ts";
export { type ClientContext, createContext } from "../../src/client/context.ts";
export type { AuthEvent } from "../../src/client/events.ts";
export { exclusively } from "../../src/client/exclusive.ts";
export { refuseOther } from "../../src/client/expected_account.ts";
export { login, type LoginResult } from "../../src/client/login.ts";
export { type LoginTerminal, loginTerminal } from "../../src/client/login_terminal.ts";
export { logout } from "../../src/client/logout.ts";
export { oneLogin } from "../../src/client/one_login.ts";
export { openInBrowser } from "../../src/client/open_browser.ts";
export { type PageOptions, parsePageOptions } from "../../src/client/page_options.ts";
export { pageStyle } from "../../src/client/page_style.ts";
export {
  isPending,
  keepForRevocation,
  retryRevocations,
  retryRevocationsUnderLock,
} from "../../src/client/pending_revocation.ts";
export { pollForTokens } from "../../src/client/poll_for_tokens.ts";
export { readPostedForm } from "../../src/client/posted_form.ts";
export { prefersDevice } from "../../src/client/prefers_device.ts";
export { mergeRefreshed } from "../../src/client/refreshed_tokens.ts";
export { replaceSession } from "../../src/client/replace_session.ts";
export { failurePage, successPage } from "../../src/client/result_pages.ts";
export { revokeTokens } from "../../src/client/revoke_tokens.ts";
export { type BrowserMethod, sendToBrowser } from "../../src/client/send_to_browser.ts";
export { type BearerAnswer, canBeSentAgain, sendWithBearer } from "../../src/client/send_with_bearer.ts";
export {
  type LiveSession,
  readRecord,
  readTokens,
  removeRecord,
  saveLogin,
  saveRecord,
  type SessionRecord,
} from "../../src/client/session_record.ts";
export { SharedTask } from "../../src/client/shared_task.ts";
export { StatusLine } from "../../src/client/status_line.ts";
export { recallMetadata, rememberMetadata } from "../../src/client/stored_metadata.ts";
export { isFresh, isValid } from "../../src/client/token_validity.ts";
export { type Held, underLock } from "../../src/client/under_lock.ts";
export { type RefreshableSession, useRefreshToken } from "../../src/client/use_refresh_token.ts";
export { whoami } from "../../src/client/whoami.ts";
