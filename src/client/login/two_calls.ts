import { createPkcePair, parsePastedResponse, readCallback } from "../../core/authorization.ts";
import { deviceTokenRequest } from "../../core/device_authorization.ts";
import { randomToken } from "../../core/encoding.ts";
import { ClerkCliAuthError, isClerkCliAuthError } from "../../core/errors.ts";
import { quoted } from "../../core/text.ts";
import { delay, startDeadline, stopSignal } from "../../core/time.ts";
import type { TokenSet } from "../../core/tokens.ts";
import type { ClientContext } from "../context.ts";
import { issuerEndpoints, issuerMetadata } from "../issuer/endpoints.ts";
import { requestTokensOnce } from "../issuer/requests.ts";
import { parseDuration, parseScopes } from "../resolve_config.ts";
import { underLock } from "../session/lock.ts";
import { acceptTokens, type Admission, type LoginResult } from "./accept_tokens.ts";
import { attemptUrl, checkFormPost, exchangeCode } from "./authorization_code.ts";
import {
  authorizeDevice,
  findDeviceEndpoint,
  isNotForThisApplication,
  isStillPending,
  notOffered,
  offeredDeviceEndpoint,
  paceAfter,
} from "./device_flow.ts";
import { interruptible } from "./login.ts";
import {
  overAndDone,
  type PendingDevice,
  type PendingLogin,
  PendingLogins,
  type PendingPaste,
  randomHandle,
} from "./pending_login.ts";

/** Options of `beginLogin()`. */
export interface BeginLoginOptions {
  /**
   * How the user reaches the sign-in page. `device` shows a code to enter on any device (RFC 8628). `paste`
   * asks for the URL that the user's browser ended up on. `auto` uses `device` if the issuer offers it to the
   * application.
   * @default "auto"
   */
  method?: "auto" | "device" | "paste";
  /**
   * The scopes to request.
   * @default the configuration's
   */
  scopes?: readonly string[];
  /** What the issuer should show (OpenID Connect Core 1.0, section 3.1.2.1). Ignored with a device code. */
  prompt?: "none" | "login" | "consent";
  /** Cancels the call. */
  signal?: AbortSignal;
}

/** What the user must do now, and the handle for the second call. */
export type LoginInstructions =
  & {
    /** The handle for `completeLogin()`. Not secret. */
    login: string;
    /** When the login expires, in Unix milliseconds. */
    expiresAt: number;
  }
  & (
    | {
      method: "device";
      /** Where to enter the code, on any device. */
      verificationUri: string;
      /** The code. */
      userCode: string;
    }
    | {
      method: "paste";
      /** Where to sign in. The URL that the browser ends up on is the `response`. */
      authorizationUrl: string;
    }
  );

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

/** How long a login with a pasted response can be completed, in milliseconds. */
const PASTE_LIFETIME_MS = 15 * 60 * 1000;

/** How long to wait for the user by default, in milliseconds. */
const PATIENCE_MS = 20_000;

/** How much longer to wait for a response in progress, in milliseconds: it may bring the tokens. */
const LAST_RESPONSE_MS = 5_000;

/** Starts a login: stores what the second call needs, and returns what the user must do. */
export async function beginLogin(
  context: ClientContext,
  options: BeginLoginOptions = {},
): Promise<LoginInstructions> {
  const { method = "auto", prompt } = options;
  if (!["auto", "device", "paste"].includes(method)) {
    throw new ClerkCliAuthError(
      "config",
      `'method' must be "auto", "device" or "paste": got ${quoted(method)}`,
    );
  }
  const scopes = options.scopes ? parseScopes(options.scopes) : context.config.scopes;
  const { store, config } = context;
  return await interruptible(context, options.signal, async (signal) => {
    const logins = await PendingLogins.open(context);
    const endpoint = await deviceEndpoint(context, method, signal);
    const request: LoginRequest = { scopes, prompt, signal };
    const begin = async () => {
      if (endpoint === undefined) return await beginPaste(context, request);
      try {
        return await beginDevice(context, endpoint, request);
      } catch (error) {
        if (method === "device" || !isNotForThisApplication(error)) throw error;
        return await beginPaste(context, request);
      }
    };
    // Finds out before the user signs in whether the login can be stored.
    const { instructions } = await underLock(store.withLock, () => logins.add(begin), {
      timeoutMs: config.lockTimeoutMs,
      signal,
    });
    return instructions;
  });
}

interface LoginRequest {
  scopes: readonly string[];
  prompt: string | undefined;
  signal: AbortSignal;
}

/** A login that has started. */
interface BegunLogin {
  pending: PendingLogin;
  instructions: LoginInstructions;
}

async function deviceEndpoint(
  context: ClientContext,
  method: "auto" | "device" | "paste",
  signal: AbortSignal,
): Promise<string | undefined> {
  if (method === "paste") return undefined;
  if (method === "auto") return await offeredDeviceEndpoint(context, signal);
  const endpoint = await findDeviceEndpoint(context, signal);
  if (endpoint === undefined) throw notOffered();
  return endpoint;
}

async function beginDevice(
  context: ClientContext,
  endpoint: string,
  { scopes, signal }: LoginRequest,
): Promise<BegunLogin> {
  const common = newLogin(context, scopes);
  const device = await authorizeDevice(context, endpoint, { scopes, nonce: common.nonce, signal });
  const { deviceCode, intervalMs, lifetimeMs, verificationUri, userCode } = device;
  const now = context.runtime.now();
  const expiresAt = now + lifetimeMs;
  return {
    pending: {
      ...common,
      method: "device",
      deviceCode,
      intervalMs,
      waitMs: intervalMs,
      askedAt: now,
      expiresAt,
    },
    instructions: { method: "device", login: common.login, verificationUri, userCode, expiresAt },
  };
}

async function beginPaste(
  context: ClientContext,
  { scopes, prompt, signal }: LoginRequest,
): Promise<BegunLogin> {
  const metadata = await issuerMetadata(context, { signal });
  checkFormPost(context, metadata, "paste");
  const common = newLogin(context, scopes);
  const pkce = await createPkcePair();
  const state = randomToken();
  const redirectUri = `http://127.0.0.1:${unusedPort(context)}/callback`;
  const attempt = { scopes, prompt, metadata, state, nonce: common.nonce, pkce };
  const authorizationUrl = attemptUrl(context, { redirectUri }, attempt);
  const expiresAt = context.runtime.now() + PASTE_LIFETIME_MS;
  const { codeVerifier } = pkce;
  return {
    pending: { ...common, method: "paste", state, codeVerifier, redirectUri, expiresAt },
    instructions: { method: "paste", login: common.login, authorizationUrl, expiresAt },
  };
}

function newLogin({ config, runtime }: ClientContext, scopes: readonly string[]) {
  const { issuer, clientId, profile, resource } = config;
  const nonce = scopes.includes("openid") ? randomToken() : undefined;
  return { login: randomHandle(runtime.randomBytes), issuer, clientId, profile, resource, scopes, nonce };
}

/** Chooses a port that nothing is likely to listen on. The browser should end up there, with the URL in view. */
function unusedPort({ config: { callbackPorts }, runtime }: ClientContext): number {
  const [high = 0, low = 0] = runtime.randomBytes(2);
  return callbackPorts[0] || 49_152 + (high * 256 + low) % 16_384;
}

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
