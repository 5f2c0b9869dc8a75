import { parseJsonObject } from "./encoding.ts";
import { ClerkCliAuthError } from "./errors.ts";
import { formRequest, type HttpAnswer, type HttpRequest } from "./http.ts";
import { isLoopback } from "./issuer.ts";
import { refusal } from "./oauth_error.ts";
import { printable } from "./text.ts";
import { isTokenText } from "./tokens.ts";

/** The name of the device authorization endpoint in messages. */
export const DEVICE_AUTHORIZATION_ENDPOINT = "The device authorization endpoint";

/** The grant type of a device code (RFC 8628, section 3.4). */
const DEVICE_CODE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";

/** How often to poll where the issuer does not say, in seconds (RFC 8628, section 3.2). */
const DEFAULT_INTERVAL_SECONDS = 5;

/** No person is waited for longer than this, whatever the issuer says, in milliseconds. */
const MAX_LIFETIME_MS = 30 * 60 * 1000;

/** Nobody is polled more often than this, whatever the issuer says, in milliseconds. */
const MIN_INTERVAL_MS = 100;

/** What a person must know who is shown a code: whoever has them enter another one gets in as them. */
export const DEVICE_CODE_WARNING = "Only enter it if you started this sign-in yourself, just now.";

/** What a person is shown, and what is polled with (RFC 8628, section 3.2). */
export interface DeviceAuthorization {
  /** A secret. */
  deviceCode: string;
  /** What the person enters at the verification URI. */
  userCode: string;
  verificationUri: string;
  /** The same with the user code in it. */
  verificationUriComplete?: string;
  /** The lifetime of both codes, in milliseconds. */
  lifetimeMs: number;
  /** How long to wait between polls, in milliseconds. */
  intervalMs: number;
}

/** The request that begins a sign-in on another device (RFC 8628, section 3.1). */
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

/** What a sign-in on another device asks for. */
interface DeviceGrantRequest {
  clientId: string;
  scopes: readonly string[];
  /** Binds the ID token to this attempt. Not in RFC 8628; Clerk takes it. */
  nonce?: string | undefined;
  /** RFC 8707. */
  resource?: string | undefined;
}

/** The request that asks whether the person has signed in (RFC 8628, section 3.4). */
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
 * @throws {ClerkCliAuthError} `token_exchange` when it is an error, or lacks what a person or the polling needs.
 */
export function readDeviceAuthorization(answer: HttpAnswer): DeviceAuthorization {
  const body = parseJsonObject(answer.text);
  if (answer.status !== 200 || typeof body?.error === "string") {
    const endpointName = DEVICE_AUTHORIZATION_ENDPOINT;
    throw refusal(answer, { step: "token_exchange", endpointName, secrets: [] });
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

/** An address that a person may be sent to; nothing else is shown as one. */
function webAddress(value: unknown): string | undefined {
  // deno-lint-ignore no-control-regex -- a URL is parsed without them, and then shown
  if (typeof value !== "string" || /[\x00-\x20\x7f]/.test(value) || !URL.canParse(value)) return undefined;
  const { protocol, hostname, href } = new URL(value);
  return protocol === "https:" || (protocol === "http:" && isLoopback(hostname)) ? href : undefined;
}

function isPositive(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value > 0;
}

function unusable(member: string): ClerkCliAuthError {
  const message = `The answer of the device authorization endpoint has no usable '${member}'`;
  return new ClerkCliAuthError("token_exchange", message, { status: 200 });
}
