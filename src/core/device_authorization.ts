import { parseJsonObject } from "./encoding.ts";
import { ClerkCliAuthError } from "./errors.ts";
import { formRequest, type HttpRequest, type TextResponse } from "./http.ts";
import { isLoopback } from "./issuer.ts";
import { refusal } from "./oauth_error.ts";
import { printable } from "./text.ts";
import { isTokenText } from "./tokens.ts";

/** The name of the device authorization endpoint in messages. */
export const DEVICE_AUTHORIZATION_ENDPOINT = "The device authorization endpoint";

/** The grant type of a device code (RFC 8628, section 3.4). */
const DEVICE_CODE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";

/** The polling interval, in seconds, if the issuer sets none (RFC 8628, section 3.2). */
const DEFAULT_INTERVAL_SECONDS = 5;

/** The longest that we wait for the user, whatever the issuer allows. */
const MAX_LIFETIME_MS = 30 * 60 * 1000;

/** The shortest polling interval, whatever the issuer allows. */
const MIN_INTERVAL_MS = 100;

/** What a person must know who is shown a code: whoever has them enter another one gets in as them. */
export const DEVICE_CODE_WARNING = "Only enter it if you started this sign-in yourself, just now.";

/** What to show the user and what to poll with (RFC 8628, section 3.2). */
export interface DeviceAuthorization {
  /** Secret: never show or log it. */
  deviceCode: string;
  /** The code that the user enters at the verification URI. */
  userCode: string;
  verificationUri: string;
  /** The verification URI with the user code included. */
  verificationUriComplete?: string;
  /** How long both codes stay valid, in milliseconds. */
  lifetimeMs: number;
  /** How long to wait between polls, in milliseconds. */
  intervalMs: number;
}

/** Builds the request that starts a sign-in on another device (RFC 8628, section 3.1). */
export function deviceAuthorizationRequest(
  endpoint: string,
  { clientId, scopes, nonce, resource }: DeviceGrantRequest,
): HttpRequest {
  return formRequest(endpoint, {
    client_id: clientId,
    scope: scopes.join(" "),
    ...(nonce && { nonce }),
    ...(resource && { resource }),
  });
}

/** The parameters of a device authorization request. */
interface DeviceGrantRequest {
  clientId: string;
  scopes: readonly string[];
  /** Binds the ID token to this attempt. RFC 8628 does not define it, but Clerk accepts it. */
  nonce?: string | undefined;
  /** The resource the token is for (RFC 8707, section 2). */
  resource?: string | undefined;
}

/** Builds the request that asks whether the user has signed in (RFC 8628, section 3.4). */
export function deviceTokenRequest(
  endpoint: string,
  { clientId, deviceCode, resource }: {
    clientId: string;
    deviceCode: string;
    resource?: string | undefined;
  },
): HttpRequest {
  return formRequest(endpoint, {
    grant_type: DEVICE_CODE_GRANT,
    client_id: clientId,
    device_code: deviceCode,
    ...(resource && { resource }),
  });
}

/**
 * Reads the response of the device authorization endpoint (RFC 8628, section 3.2).
 *
 * @throws {ClerkCliAuthError} `token_exchange` if it is an error or lacks a required field.
 */
export function readDeviceAuthorization(response: TextResponse): DeviceAuthorization {
  const body = parseJsonObject(response.text);
  if (response.status !== 200 || typeof body?.error === "string") {
    const endpointName = DEVICE_AUTHORIZATION_ENDPOINT;
    throw refusal(response, { step: "token_exchange", endpointName, secrets: [] });
  }
  const { device_code: deviceCode, user_code, expires_in: lifetime, interval } = body ?? {};
  const userCode = typeof user_code === "string" ? printable(user_code, 100) : "";
  const verificationUri = webAddress(body?.verification_uri);
  const verificationUriComplete = webAddress(body?.verification_uri_complete);
  if (!isTokenText(deviceCode)) throw unusable("device_code");
  if (!userCode) throw unusable("user_code");
  if (!verificationUri) throw unusable("verification_uri");
  if (!isPositive(lifetime)) throw unusable("expires_in");
  return {
    deviceCode,
    userCode,
    verificationUri,
    ...(verificationUriComplete && { verificationUriComplete }),
    lifetimeMs: Math.min(lifetime * 1000, MAX_LIFETIME_MS),
    intervalMs: Math.max(
      MIN_INTERVAL_MS,
      1000 * (isPositive(interval) ? interval : DEFAULT_INTERVAL_SECONDS),
    ),
  };
}

/** Returns the URL if it is safe to send the user there: https, or http on loopback. */
function webAddress(value: unknown): string | undefined {
  // deno-lint-ignore no-control-regex -- URL drops these characters, but the user would see them
  if (typeof value !== "string" || /[\x00-\x20\x7f]/.test(value) || !URL.canParse(value)) return undefined;
  const { protocol, hostname, href } = new URL(value);
  return protocol === "https:" || (protocol === "http:" && isLoopback(hostname)) ? href : undefined;
}

function isPositive(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value > 0;
}

function unusable(member: string): ClerkCliAuthError {
  const message = `The response of the device authorization endpoint has no usable '${member}'`;
  return new ClerkCliAuthError("token_exchange", message, { status: 200 });
}
