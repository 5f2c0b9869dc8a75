import { parsePastedResponse, readCallback } from "../../core/authorization.ts";
import { deviceTokenRequest } from "../../core/device_authorization.ts";
import { ClerkCliAuthError, isClerkCliAuthError } from "../../core/errors.ts";
import { delay, startDeadline, stopSignal } from "../../core/time.ts";
import type { TokenSet } from "../../core/tokens.ts";
import type { ClientContext } from "../context.ts";
import { issuerEndpoints, issuerMetadata } from "../issuer/endpoints.ts";
import { requestTokensOnce } from "../issuer/requests.ts";
import { parseDuration } from "../resolve_config.ts";
import { underLock } from "../session/lock.ts";
import { acceptTokens, type Admission, type LoginResult } from "./accept_tokens.ts";
import { exchangeCode } from "./authorization_code.ts";
import { isStillPending, paceAfter } from "./device_flow.ts";
import { interruptible } from "./login.ts";
import {
  overAndDone,
  type PendingDevice,
  type PendingLogin,
  PendingLogins,
  type PendingPaste,
} from "./pending_login.ts";

/** Options of `completeLogin()`. */
export interface CompleteLoginOptions {
  /**
   * The handle that `beginLogin()` returned.
   * @default that of the only pending login
   */
  login?: string;
  /** The URL that the browser ended up on, or `CODE#STATE`. Only for `method: "paste"`. */
  response?: string;
  /**
   * How long to wait for the user, in milliseconds. A request that is in progress by then gets 5 seconds
   * more.
   * @default 20000
   */
  timeoutMs?: number;
  /** Cancels the call. The login can still be completed. */
  signal?: AbortSignal;
}

/** Options for callers inside this package. */
interface GuardedCompletion extends CompleteLoginOptions {
  /** Checks the tokens before they are stored; rejects them by throwing. */
  admit?: Admission;
}

/** How long to wait for the user by default, in milliseconds. */
const PATIENCE_MS = 20_000;

/** How much longer to wait for a response in progress, in milliseconds: it may bring the tokens. */
const LAST_RESPONSE_MS = 5_000;

/** Completes a login: takes the tokens if the user has signed in, and otherwise waits a while. */
export async function completeLogin(
  context: ClientContext,
  { login, response, timeoutMs = PATIENCE_MS, signal: given, admit }: GuardedCompletion = {},
): Promise<LoginResult> {
  const patienceMs = parseDuration(timeoutMs, "timeoutMs");
  return await interruptible(context, given, async (signal) => {
    const logins = await PendingLogins.open(context);
    const pending = await logins.find(login);
    const limit = stopSignal({
      signal,
      // A pasted response has come: nothing more is waited for, and cutting the exchange off would use up its code.
      timeoutMs: pending.method === "device" ? patienceMs + LAST_RESPONSE_MS : undefined,
      timedOut: nobodyYet,
      startTimer: startDeadline,
    });
    const completion: Completion = { context, logins, pending, patienceMs, signal: limit.signal };
    const received = await receiveTokens(completion, response).finally(limit.release);
    const { nonce, method } = pending;
    const expected = { nonce, mayLackNonce: method === "device", admit, signal };
    try {
      const { tokens, user } = await acceptTokens(context, received, expected);
      return { tokens, user: await user };
    } catch (error) {
      throw isClerkCliAuthError(error) ? spent(error) : error;
    }
  });
}

/** Makes the error of a used-up login final: the problem may be temporary, but this call cannot be repeated. */
function spent(error: ClerkCliAuthError): ClerkCliAuthError {
  if (!error.retryable) return error;
  const { code, message, action } = error;
  return new ClerkCliAuthError(code, message, { ...error, action, retryable: false, cause: error });
}

/** Returns the method of a pending login, for callers who must ask the user for the response. */
export async function pendingMethod(
  context: ClientContext,
  login: string | undefined,
): Promise<PendingLogin["method"]> {
  const logins = await PendingLogins.open(context);
  return logins.unlessExpired(await logins.find(login)).method;
}

/** A login being completed. */
interface Completion {
  context: ClientContext;
  logins: PendingLogins;
  pending: PendingLogin;
  patienceMs: number;
  /** Ends everything. */
  signal: AbortSignal;
}

async function receiveTokens(completion: Completion, response: string | undefined): Promise<TokenSet> {
  if (completion.pending.method === "device") {
    if (response === undefined) return await awaitGrant(completion);
    throw new ClerkCliAuthError(
      "config",
      "This sign-in takes no 'response': it waits for the code to be entered",
    );
  }
  if (response !== undefined) return await redeemResponse(completion, response);
  throw new ClerkCliAuthError("config", "This sign-in needs the URL that the browser ended up on", {
    action: "Pass it as 'response'",
  });
}

/**
 * Runs a step under the record's lock with the current state of the login, which another process may have
 * completed.
 */
async function step<Pending extends PendingLogin, T>(
  { context: { store, config }, logins, pending: { login } }: Completion,
  signal: AbortSignal,
  task: (pending: Pending) => Promise<T>,
): Promise<T> {
  return await underLock(store.withLock, async () => {
    const pending = await logins.find(login) as Pending;
    if (logins.hasExpired(pending)) await forget(logins, pending);
    return await task(logins.unlessExpired(pending));
  }, { timeoutMs: config.lockTimeoutMs, signal });
}

/** The result of a poll: the tokens, or how long to wait, with the error if there was one. */
type Polled = { tokens: TokenSet } | { waitMs: number; trouble?: ClerkCliAuthError | undefined };

/** Polls until the user has signed in or the time is up. All processes share the time of the next poll. */
async function awaitGrant(completion: Completion): Promise<TokenSet> {
  const { context, patienceMs, signal } = completion;
  const { token } = await issuerEndpoints(context, { signal });
  let trouble: ClerkCliAuthError | undefined;
  const patience = stopSignal({ signal, timeoutMs: patienceMs, timedOut: () => trouble ?? nobodyYet() });
  try {
    for (;;) {
      const poll = (pending: PendingDevice) => pollOnce(completion, pending, token);
      const polled = await step(completion, patience.signal, poll);
      if ("tokens" in polled) return polled.tokens;
      if ("trouble" in polled) trouble = polled.trouble;
      await delay(polled.waitMs, patience.signal);
    }
  } finally {
    patience.release();
  }
}

async function pollOnce(
  { context, logins, signal }: Completion,
  pending: PendingDevice,
  endpoint: string,
): Promise<Polled> {
  const { runtime, config: { clientId, resource } } = context;
  const { deviceCode, intervalMs, askedAt, waitMs } = pending;
  const now = runtime.now();
  const isClockSetBack = now < askedAt;
  if (!isClockSetBack && now < askedAt + waitMs) return { waitMs: askedAt + waitMs - now };
  // Update first: this proves that tokens can be stored, and the next process keeps the interval if this one
  // is killed.
  await logins.update({ ...pending, askedAt: now, waitMs: intervalMs });
  const request = deviceTokenRequest(endpoint, { clientId, deviceCode, resource });
  try {
    const tokens = await requestTokensOnce(context, request, { secrets: [deviceCode], signal });
    await forget(logins, pending);
    return { tokens };
  } catch (error) {
    const failure = await settled(logins, pending, error);
    const pace = paceAfter(failure, { intervalMs, waitMs });
    await logins.update({ ...pending, ...pace, askedAt: runtime.now() });
    const isTrouble = isClerkCliAuthError(failure) && !isStillPending(failure);
    return { waitMs: pace.waitMs, trouble: isTrouble ? failure : undefined };
  }
}

/** Exchanges the code of a pasted response, which must belong to this login. */
async function redeemResponse(completion: Completion, response: string): Promise<TokenSet> {
  const { context, logins, signal } = completion;
  const parameters = parsePastedResponse(response);
  if (!parameters) throw notAResponse();
  const metadata = await issuerMetadata(context, { signal });
  return await step(completion, signal, async (pending: PendingPaste) => {
    const { state, codeVerifier } = pending;
    const { issuer } = context.config;
    const outcome = readCallback(parameters, { state, issuer, requiresIssuer: metadata.namesItself });
    if (outcome.kind === "unrelated") throw responseOfAnother();
    if (outcome.kind === "failure") {
      if (!outcome.error.retryable) await forget(logins, pending);
      throw outcome.error;
    }
    await logins.update(pending); // Do not use up the code if the tokens cannot be stored.
    try {
      const tokens = await exchangeCode(context, pending, {
        metadata,
        codeVerifier,
        code: outcome.code,
        signal,
      });
      await forget(logins, pending);
      return tokens;
    } catch (error) {
      throw await settled(logins, pending, error);
    }
  });
}

/** Removes a login that the token endpoint has ended, and explains the error. Network errors end nothing. */
async function settled(logins: PendingLogins, pending: PendingLogin, error: unknown): Promise<unknown> {
  const isVerdict = isClerkCliAuthError(error) && error.oauthError !== undefined && !error.retryable;
  if (!isVerdict || isStillPending(error)) return error;
  await forget(logins, pending);
  const isOver = error.oauthError === "expired_token" || error.oauthError === "invalid_grant";
  return isOver
    ? overAndDone(`The sign-in "${pending.login}" has expired, or was completed already`, error)
    : error;
}

/** Removes a login. If that fails, the issuer still refuses to complete it twice. */
async function forget(logins: PendingLogins, pending: PendingLogin): Promise<void> {
  await logins.remove(pending).catch(() => {});
}

function nobodyYet(): ClerkCliAuthError {
  return new ClerkCliAuthError("timeout", "Nobody has signed in yet", {
    action: "Complete the login again",
    retryable: true,
  });
}

function notAResponse(): ClerkCliAuthError {
  return new ClerkCliAuthError("config", "Expected the URL that a sign-in ended on, or CODE#STATE", {
    exitCode: 1,
    action: "Pass the URL that your browser ended up on",
  });
}

function responseOfAnother(): ClerkCliAuthError {
  return new ClerkCliAuthError("state_mismatch", "That URL belongs to another sign-in", {
    action: "Pass the one that this sign-in ended on",
  });
}
