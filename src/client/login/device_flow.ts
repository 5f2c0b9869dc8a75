import {
  DEVICE_AUTHORIZATION_ENDPOINT,
  type DeviceAuthorization,
  deviceAuthorizationRequest,
  deviceTokenRequest,
  readDeviceAuthorization,
} from "../../core/device_authorization.ts";
import { ClerkCliAuthError, denied, isClerkCliAuthError } from "../../core/errors.ts";
import { exchange } from "../../core/http.ts";
import type { Endpoints } from "../../core/issuer.ts";
import { delay, startDeadline, stopSignal } from "../../core/time.ts";
import type { TokenSet } from "../../core/tokens.ts";
import type { ClientContext } from "../context.ts";
import { issuerEndpoints } from "../issuer/endpoints.ts";
import { requestTokens } from "../issuer/requests.ts";
import { acceptTokens, type Admission, type LoginResult } from "./accept_tokens.ts";
import { loginTerminal, nobodySignedIn } from "./terminal.ts";

/** What a sign-in on another device is asked for with. */
interface DeviceSignInRequest {
  scopes: readonly string[];
  admit: Admission | undefined;
  signal: AbortSignal;
}

/** Endpoints of an issuer that offers the device grant. */
type DeviceEndpoints = Endpoints & { deviceAuthorization: string };

/**
 * Has the person sign in on any device with a browser, with a code that is shown here (RFC 8628). Nothing listens.
 *
 * @throws {ClerkCliAuthError} `config` where the issuer does not offer it, or the code could be shown to nobody;
 * `access_denied`, `timeout`, `cancelled`, `token_exchange`, `storage`, `userinfo` as of any login.
 */
export async function signInOnDevice(
  context: ClientContext,
  request: DeviceSignInRequest,
): Promise<LoginResult> {
  const { signal, admit } = request;
  if (context.config.ui === "none" && !context.config.onEvent) throw unseen();
  const endpoints = await issuerEndpoints(context, { signal });
  if (!offersDeviceGrant(endpoints)) throw notOffered(context);
  const device = await authorizeDevice(context, endpoints, request);
  showDeviceCode(context, device);
  const granted = await awaitTokens(context, endpoints, { device, signal });
  const { tokens, user } = await acceptTokens(context, granted, { nonce: undefined, admit, signal });
  return { tokens, user: await user };
}

function offersDeviceGrant(endpoints: Endpoints): endpoints is DeviceEndpoints {
  return endpoints.deviceAuthorization !== undefined;
}

async function authorizeDevice(
  { config, transport }: ClientContext,
  { deviceAuthorization }: DeviceEndpoints,
  { scopes, signal }: DeviceSignInRequest,
): Promise<DeviceAuthorization> {
  const { clientId, requestTimeoutMs: timeoutMs } = config;
  const answer = await exchange(deviceAuthorizationRequest(deviceAuthorization, { clientId, scopes }), {
    transport,
    step: "token_exchange",
    endpointName: DEVICE_AUTHORIZATION_ENDPOINT,
    timeoutMs,
    signal,
  });
  return readDeviceAuthorization(answer);
}

async function awaitTokens(
  context: ClientContext,
  { token }: DeviceEndpoints,
  { device, signal }: { device: DeviceAuthorization; signal: AbortSignal },
): Promise<TokenSet> {
  const { clientId, loginTimeoutMs } = context.config;
  const { deviceCode, lifetimeMs, intervalMs } = device;
  const timeoutMs = Math.min(loginTimeoutMs, lifetimeMs);
  const timedOut = () => nobodySignedIn(timeoutMs);
  const stop = stopSignal({ signal, timeoutMs, timedOut, startTimer: startDeadline });
  const request = deviceTokenRequest(token, { clientId, deviceCode });
  context.emit({ type: "waiting", timeoutMs });
  const terminal = loginTerminal(context);
  terminal.showWaiting("Waiting for you to enter the code");
  try {
    return await pollForTokens({
      intervalMs,
      ask: () => requestTokens(context, request, { secrets: [deviceCode], signal: stop.signal }),
      wait: (durationMs) => delay(durationMs, stop.signal),
    });
  } finally {
    terminal.close();
    stop.release();
  }
}

function unseen(): ClerkCliAuthError {
  return new ClerkCliAuthError("config", "Nobody would see the code to sign in with", {
    action: "Set 'ui' to \"auto\", or show the code that 'onEvent' is told",
  });
}

function notOffered({ config }: ClientContext): ClerkCliAuthError {
  return new ClerkCliAuthError(
    "config",
    "The issuer is not known to offer a sign-in with a code (RFC 8628)",
    {
      action: config.endpoints === "clerk"
        ? "Set 'endpoints' to \"discover\" if it does, or sign in with another method"
        : "Sign in with another method",
    },
  );
}

/** How the token endpoint is polled. */
interface Polling {
  /** How long to wait between two polls, in milliseconds. */
  intervalMs: number;
  /** Asks once. */
  ask: () => Promise<TokenSet>;
  /** Waits, in milliseconds; it rejects when the login is given up. */
  wait: (durationMs: number) => Promise<void>;
}

/** By how much `slow_down` lengthens the interval, in milliseconds (RFC 8628, section 3.5). */
const SLOW_DOWN_MS = 5000;

/** No trouble with the network makes the interval longer than this, in milliseconds. */
const MAX_BACKOFF_MS = 60_000;

/**
 * Asks for tokens until the person has signed in on another device (RFC 8628, section 3.5). When the token endpoint is
 * in trouble, the interval is doubled until it answers again.
 *
 * @throws {ClerkCliAuthError} `access_denied` when the person has said no, `timeout` when the code has expired, what
 * the token endpoint says otherwise; what `wait` throws.
 */
export async function pollForTokens({ intervalMs, ask, wait }: Polling): Promise<TokenSet> {
  let usualMs = intervalMs;
  let nextMs = usualMs;
  for (;;) {
    await wait(nextMs);
    const answer = await ask().catch((error: unknown) => ({ error }));
    if (!("error" in answer)) return answer;
    const { error } = answer;
    if (!isClerkCliAuthError(error)) throw error;
    if (error.oauthError === "slow_down") usualMs += SLOW_DOWN_MS;
    const isAnswered = error.oauthError === "slow_down" || error.oauthError === "authorization_pending";
    if (!isAnswered && !error.retryable) throw explained(error);
    nextMs = isAnswered ? usualMs : Math.max(usualMs, Math.min(2 * nextMs, MAX_BACKOFF_MS));
  }
}

/** Says in our words what the token endpoint says in its own. */
function explained(error: ClerkCliAuthError): ClerkCliAuthError {
  const { oauthError } = error;
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
 * Shows the person where to enter which code, on standard error and in an event. That goes to a pipe too: whoever has
 * asked for a code reads it somewhere.
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
  const paragraphs = [
    `${purpose} on any device with a browser. Open`,
    verificationUri,
    "and enter this code:",
    userCode,
    ...(verificationUriComplete
      ? ["Or open this address, which holds the code:", verificationUriComplete]
      : []),
  ];
  runtime.terminal.write(paragraphs.map((paragraph) => `${paragraph}\n\n`).join(""));
}
