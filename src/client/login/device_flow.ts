import {
  DEVICE_AUTHORIZATION_ENDPOINT,
  DEVICE_CODE_WARNING,
  type DeviceAuthorization,
  deviceAuthorizationRequest,
  deviceTokenRequest,
  readDeviceAuthorization,
} from "../../core/device_authorization.ts";
import { randomToken } from "../../core/encoding.ts";
import { ClerkCliAuthError, denied, isClerkCliAuthError } from "../../core/errors.ts";
import { exchange } from "../../core/http.ts";
import { parseDeviceEndpoint } from "../../core/metadata_document.ts";
import { delay, startDeadline, stopSignal } from "../../core/time.ts";
import type { TokenSet } from "../../core/tokens.ts";
import type { ClientContext } from "../context.ts";
import { issuerEndpoints } from "../issuer/endpoints.ts";
import { fetchDocument, requestTokensOnce } from "../issuer/requests.ts";
import { readRecord } from "../session/record.ts";
import { acceptTokens, type Admission, type LoginResult } from "./accept_tokens.ts";
import { loginTerminal, nobodySignedIn } from "./terminal.ts";

/** What a sign-in on another device requests. */
interface DeviceSignInRequest {
  scopes: readonly string[];
  admit: Admission | undefined;
  signal: AbortSignal;
}

/**
 * Signs a user in on any device with a browser, with a code shown here (RFC 8628). No listener is needed.
 *
 * @throws {ClerkCliAuthError} `config` if the issuer does not offer it to this application or nobody would
 * see the code; `access_denied`, `timeout`, `cancelled`, `token_exchange`, `storage` or `userinfo`, as in any
 * login.
 */
export async function signInOnDevice(
  context: ClientContext,
  request: DeviceSignInRequest,
): Promise<LoginResult> {
  const { scopes, signal, admit } = request;
  if (context.config.ui === "none" && !context.config.onEvent) throw unseen();
  const endpoint = await findDeviceEndpoint(context, signal);
  if (endpoint === undefined) throw notOffered();
  const nonce = scopes.includes("openid") ? randomToken() : undefined;
  const device = await authorizeDevice(context, endpoint, { ...request, nonce });
  showDeviceCode(context, device);
  const granted = await awaitTokens(context, device, signal);
  const { tokens, user } = await acceptTokens(context, granted, { nonce, mayLackNonce: true, admit, signal });
  return { tokens, user: await user };
}

/** How long to remember that the issuer offers the grant, and that it does not, in milliseconds. */
const OFFERED_MS = 24 * 60 * 60 * 1000;
const NOT_OFFERED_MS = 10 * 60 * 1000;

/** How long to ask an issuer at Clerk's paths for the grant, in milliseconds. */
const PROBE_MS = 3_000;

/**
 * Returns the device authorization endpoint, which is never guessed; `undefined` if the issuer does not offer
 * the grant.
 *
 * @throws {ClerkCliAuthError} `network`, `timeout`, `config` or `cancelled` if the issuer cannot be asked.
 * That is not remembered.
 */
export async function findDeviceEndpoint(
  context: ClientContext,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (context.config.endpoints === "clerk") return await probeDeviceEndpoint(context, signal);
  const { deviceAuthorization } = await issuerEndpoints(context, { maxAgeMs: OFFERED_MS, signal });
  if (deviceAuthorization !== undefined) return deviceAuthorization;
  return (await issuerEndpoints(context, { maxAgeMs: NOT_OFFERED_MS, signal })).deviceAuthorization;
}

/**
 * Finds the endpoint if there is another way to sign in. An issuer that cannot be reached then counts as one
 * without the grant.
 */
export async function offeredDeviceEndpoint(
  context: ClientContext,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    return await findDeviceEndpoint(context, signal);
  } catch (error) {
    if (context.config.endpoints === "discover" || signal.aborted) throw error;
    return undefined;
  }
}

/** Asks an issuer whose other endpoints are at Clerk's paths. Nothing else in the response is used. */
async function probeDeviceEndpoint(
  context: ClientContext,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { config, memory, runtime, transport } = context;
  if (!memory.device) await readRecord(context).catch(() => null); // Another process may have asked.
  const { askedAt = 0, endpoint: known = null } = memory.device ?? {};
  const ageMs = runtime.now() - askedAt;
  if (ageMs >= 0 && ageMs < (known === null ? NOT_OFFERED_MS : OFFERED_MS)) return known ?? undefined;
  const timeoutMs = Math.min(config.requestTimeoutMs, PROBE_MS);
  const document = await fetchDocument(config.issuer, "openid-configuration", {
    transport,
    timeoutMs,
    signal,
  });
  const endpoint = document && parseDeviceEndpoint(document, config) || null;
  memory.device = { askedAt: runtime.now(), endpoint };
  return endpoint ?? undefined;
}

/** A request for a device code. */
interface DeviceRequest extends Omit<DeviceSignInRequest, "admit"> {
  nonce: string | undefined;
}

/**
 * Requests a device code and what to show the user.
 *
 * @throws {ClerkCliAuthError} `config` if this application may not; `token_exchange`, `timeout`, `cancelled`.
 */
export async function authorizeDevice(
  { config, transport }: ClientContext,
  endpoint: string,
  { scopes, nonce, signal }: DeviceRequest,
): Promise<DeviceAuthorization> {
  const { clientId, resource, requestTimeoutMs: timeoutMs } = config;
  const request = deviceAuthorizationRequest(endpoint, { clientId, scopes, nonce, resource });
  const response = await exchange(request, {
    transport,
    step: "token_exchange",
    endpointName: DEVICE_AUTHORIZATION_ENDPOINT,
    timeoutMs,
    signal,
  });
  try {
    return readDeviceAuthorization(response);
  } catch (error) {
    throw isNotForThisApplication(error) ? notForThisApplication(error) : error;
  }
}

/** Reports whether the issuer has the grant, but not for this application. */
export function isNotForThisApplication(error: unknown): error is ClerkCliAuthError {
  return isClerkCliAuthError(error) &&
    ["unauthorized_client", "unsupported_grant_type"].includes(error.oauthError ?? "");
}

async function awaitTokens(
  context: ClientContext,
  { deviceCode, lifetimeMs, intervalMs }: DeviceAuthorization,
  signal: AbortSignal,
): Promise<TokenSet> {
  const { clientId, resource, deviceTimeoutMs = lifetimeMs } = context.config;
  const { token } = await issuerEndpoints(context, { signal });
  const timeoutMs = Math.min(deviceTimeoutMs, lifetimeMs);
  const timedOut = () => nobodySignedIn(timeoutMs);
  const stop = stopSignal({ signal, timeoutMs, timedOut, startTimer: startDeadline });
  const request = deviceTokenRequest(token, { clientId, deviceCode, resource });
  context.emit({ type: "waiting", timeoutMs });
  const terminal = loginTerminal(context, timeoutMs);
  terminal.showWaiting("Waiting for you to enter the code");
  try {
    return await pollForTokens({
      intervalMs,
      ask: () => requestTokensOnce(context, request, { secrets: [deviceCode], signal: stop.signal }),
      wait: (durationMs) => delay(durationMs, stop.signal),
    });
  } finally {
    terminal.close();
    stop.release();
  }
}

function unseen(): ClerkCliAuthError {
  return new ClerkCliAuthError("config", "Nobody would see the sign-in code", {
    action: "Set 'ui' to \"auto\", or show the code that 'onEvent' is told",
  });
}

/** Returns the error of an issuer without the grant. */
export function notOffered(): ClerkCliAuthError {
  return new ClerkCliAuthError("config", "The issuer does not let people sign in with a code", {
    action: "Sign in with another method",
  });
}

function notForThisApplication(cause: ClerkCliAuthError): ClerkCliAuthError {
  const { oauthError = "", status = 400 } = cause;
  return new ClerkCliAuthError("config", "This application may not sign people in with a code", {
    action: "Enable the device grant for it: `setup --device` does",
    oauthError,
    status,
    cause,
  });
}

/** How to poll the token endpoint. */
interface Polling {
  /** The time between two polls, in milliseconds. */
  intervalMs: number;
  /** Polls once. */
  ask: () => Promise<TokenSet>;
  /** Waits for a time in milliseconds; rejects if the login is cancelled. */
  wait: (durationMs: number) => Promise<void>;
}

/** How much `slow_down` adds to the interval, in milliseconds (RFC 8628, section 3.5). */
const SLOW_DOWN_MS = 5000;

/** The longest interval while the network fails, in milliseconds. */
const MAX_BACKOFF_MS = 60_000;

/**
 * Polls for tokens until the user has signed in on another device (RFC 8628, section 3.5). The interval
 * doubles while the token endpoint fails.
 *
 * @throws {ClerkCliAuthError} `access_denied` if the user declined, `timeout` if the code has expired, any
 * other error of the token endpoint; what `wait` throws.
 */
export async function pollForTokens({ intervalMs, ask, wait }: Polling): Promise<TokenSet> {
  let pace: PollingPace = { intervalMs, waitMs: intervalMs };
  for (;;) {
    await wait(pace.waitMs);
    const result = await ask().catch((error: unknown) => ({ error }));
    if (!("error" in result)) return result;
    pace = paceAfter(result.error, pace);
  }
}

/** The pace of polling, in milliseconds. */
export interface PollingPace {
  /** The usual time between two polls. */
  intervalMs: number;
  /** How long to wait before the next poll. */
  waitMs: number;
}

/**
 * Returns the pace after a poll without tokens.
 *
 * @throws {ClerkCliAuthError} The error that ends the polling, because waiting does not help.
 */
export function paceAfter(error: unknown, { intervalMs, waitMs }: PollingPace): PollingPace {
  if (!isClerkCliAuthError(error)) throw error;
  const usualMs = error.oauthError === "slow_down" ? intervalMs + SLOW_DOWN_MS : intervalMs;
  const isAnswered = isStillPending(error);
  if (!isAnswered && !error.retryable) throw explained(error);
  const backoffMs = isAnswered ? usualMs : Math.max(usualMs, Math.min(2 * waitMs, MAX_BACKOFF_MS));
  return { intervalMs: usualMs, waitMs: Math.max(backoffMs, error.retryAfterMs ?? 0) };
}

/** Reports whether the token endpoint only says that the user has not decided yet. */
export function isStillPending({ oauthError }: ClerkCliAuthError): boolean {
  return oauthError === "slow_down" || oauthError === "authorization_pending";
}

/** Replaces errors of the token endpoint with our own. */
function explained(error: ClerkCliAuthError): ClerkCliAuthError {
  const { oauthError } = error;
  if (isNotForThisApplication(error)) return notForThisApplication(error);
  if (oauthError === "access_denied") return denied(oauthError);
  if (oauthError === "expired_token") {
    return new ClerkCliAuthError("timeout", "Nobody entered the code before it expired", {
      oauthError,
      action: "Start the login again",
      retryable: true,
    });
  }
  return error;
}

/**
 * Shows the user the code and where to enter it, on standard error and in an event. It is shown even without
 * a terminal, because someone asked for the code.
 */
function showDeviceCode(
  { config, runtime, emit }: ClientContext,
  { userCode, verificationUri, verificationUriComplete, lifetimeMs }: DeviceAuthorization,
): void {
  emit({
    type: "device_code",
    userCode,
    verificationUri,
    ...(verificationUriComplete && { verificationUriComplete }),
    expiresAt: runtime.now() + lifetimeMs,
  });
  if (config.ui === "none") return;
  const purpose = config.appName ? `Sign in to ${config.appName}` : "Sign in";
  const lines = [
    `${purpose} on any device with a browser. Open`,
    verificationUri,
    "and enter this code:",
    userCode,
    DEVICE_CODE_WARNING,
  ];
  runtime.terminal.write(`${lines.join("\n")}\n`);
}
