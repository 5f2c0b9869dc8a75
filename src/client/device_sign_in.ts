import { startDeadline } from "../core/deadline.ts";
import { delay } from "../core/delay.ts";
import {
  DEVICE_AUTHORIZATION_ENDPOINT,
  type DeviceAuthorization,
  deviceAuthorizationRequest,
  deviceTokenRequest,
  readDeviceAuthorization,
} from "../core/device_authorization.ts";
import { ClerkCliAuthError } from "../core/errors.ts";
import { exchange } from "../core/http.ts";
import type { Endpoints } from "../core/issuer.ts";
import type { TokenSet } from "../core/token_set.ts";
import type { Admission } from "./admit_tokens.ts";
import type { ClientContext } from "./context.ts";
import { issuerEndpoints } from "./issuer_metadata.ts";
import { keepTokens } from "./keep_tokens.ts";
import type { LoginResult } from "./login.ts";
import { loginTerminal } from "./login_terminal.ts";
import { nobodySignedIn } from "./nobody_signed_in.ts";
import { pollForTokens } from "./poll_for_tokens.ts";
import { showDeviceCode } from "./show_device_code.ts";
import { requestTokens } from "./token_request.ts";

/** What a sign-in on another device is asked for with. */
export interface DeviceSignInRequest {
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
export async function deviceSignIn(
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
  const { tokens, user } = await keepTokens(context, granted, { nonce: undefined, admit, signal });
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
  const late = new AbortController();
  const stopDeadline = startDeadline(timeoutMs, () => late.abort(nobodySignedIn(timeoutMs)));
  const over = AbortSignal.any([signal, late.signal]);
  const request = deviceTokenRequest(token, { clientId, deviceCode });
  context.emit({ type: "waiting", timeoutMs });
  const terminal = loginTerminal(context);
  terminal.showWaiting("Waiting for you to enter the code");
  try {
    return await pollForTokens({
      intervalMs,
      ask: () => requestTokens(context, request, { secrets: [deviceCode], signal: over }),
      wait: (durationMs) => delay(durationMs, over),
    });
  } finally {
    terminal.close();
    stopDeadline();
  }
}

function unseen(): ClerkCliAuthError {
  return new ClerkCliAuthError("config", "Nobody would see the code to sign in with", {
    action: "Set 'ui' to \"auto\", or show the code that 'onEvent' hears of",
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
