import { randomToken } from "../../core/encoding.ts";
import type { EmulatedApplication } from "../entities.ts";
import { ClerkProblem, type IncomingRequest, json, OAuthProblem, readOAuthForm } from "../http.ts";
import type { Instance } from "../instance.ts";
import { deviceCodePage, deviceDonePage } from "../pages/pages.ts";
import { parseRequestedScopes, parseResource } from "./authorization_request.ts";
import { authenticateClient } from "./clients.ts";
import { interact } from "./interaction.ts";
import type { Authorization, DeviceAuthorization } from "./state.ts";
import { authorizationOf, invalidGrant } from "./tokens.ts";

/** The grant type of a device code (RFC 8628, section 3.4). */
export const DEVICE_CODE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";

const MIN_NONCE_LENGTH = 8;

/** The device authorization endpoint (RFC 8628, section 3.1). */
export function authorizeDevice(request: IncomingRequest, instance: Instance): Response {
  assertAvailable(instance);
  const form = readOAuthForm(request);
  const application = authenticateClient(request, { form, instance });
  assertEnabled(application);
  const { deviceCodeLifetimeSeconds, devicePollIntervalSeconds } = instance.behavior;
  const device: DeviceAuthorization = {
    application,
    scopes: parseRequestedScopes(form, { application, instance }),
    nonce: parseNonce(form),
    audience: parseResource(form, instance),
    deviceCode: randomToken(),
    userCode: randomUserCode(),
    expiresAt: instance.now() + deviceCodeLifetimeSeconds * 1000,
    intervalMs: devicePollIntervalSeconds * 1000,
    lastPolledAt: undefined,
    decision: "pending",
  };
  instance.deviceAuthorizations.set(device.deviceCode, device);
  const verificationUri = `${accountPortal(request.issuer)}/device`;
  return json({
    device_code: device.deviceCode,
    user_code: device.userCode,
    verification_uri: verificationUri,
    verification_uri_complete: `${verificationUri}?user_code=${device.userCode}`,
    expires_in: deviceCodeLifetimeSeconds,
    interval: devicePollIntervalSeconds,
  });
}

/** Without the device grant, the paths do not exist. */
function assertAvailable({ behavior }: Instance): void {
  if (behavior.deviceGrant) return;
  throw new ClerkProblem(404, "resource_not_found", "There is nothing at this path");
}

function assertEnabled({ deviceGrantEnabled }: EmulatedApplication): void {
  if (deviceGrantEnabled) return;
  throw new OAuthProblem("unauthorized_client", "The OAuth 2.0 Client may not use the device grant");
}

function parseNonce(form: URLSearchParams): string | undefined {
  const nonce = form.get("nonce") ?? undefined;
  if (nonce === undefined || nonce.length >= MIN_NONCE_LENGTH) return nonce;
  throw new OAuthProblem(
    "invalid_request",
    `The 'nonce' must be at least ${MIN_NONCE_LENGTH} characters long`,
  );
}

/** Only consonants, so that a code never spells a word (RFC 8628, section 6.1). */
const USER_CODE_CHARACTERS = "BCDFGHJKLMNPQRSTVWXZ";

function randomUserCode(): string {
  const characters = Array.from(
    crypto.getRandomValues(new Uint32Array(8)),
    (number) => USER_CODE_CHARACTERS.charAt(number % USER_CODE_CHARACTERS.length),
  ).join("");
  return `${characters.slice(0, 4)}-${characters.slice(4)}`;
}

/** Clerk's Account Portal is on another origin than the issuer. Here that is another name of this machine. */
function accountPortal(issuer: string): string {
  const url = new URL(issuer);
  url.hostname = url.hostname === "localhost" ? "127.0.0.1" : "localhost";
  return url.origin;
}

/** Shows the page where a user enters the code from a device. */
export function showDevice({ url }: IncomingRequest, instance: Instance): Response {
  assertAvailable(instance);
  return deviceCodePage({ userCode: url.searchParams.get("user_code") ?? "" });
}

/** Handles the code: the user signs in and decides. */
export function submitDevice(request: IncomingRequest, instance: Instance): Response {
  assertAvailable(instance);
  const entered = new URLSearchParams(request.body).get("user_code") ?? "";
  const device = findPendingDevice(entered, instance);
  if (!device) return deviceCodePage({ userCode: entered, isUnknown: true });
  return interact(request, {
    request: device,
    // Always ask: otherwise an earlier consent would let in whoever sent the user a link with a code.
    prompts: ["consent"],
    origin: device,
    conclude: (decision) => {
      if (!isPending(device, instance)) return deviceCodePage({ userCode: device.userCode, isUnknown: true });
      const isDenied = decision === "denied";
      device.decision = isDenied ? decision : authorizationOf(device, { approval: decision, instance });
      return deviceDonePage(device.application, { isDenied });
    },
    instance,
  });
}

/** Users may omit the hyphen and use lower case (RFC 8628, section 6.1). */
function findPendingDevice(entered: string, instance: Instance): DeviceAuthorization | undefined {
  const characters = entered.toUpperCase().replaceAll(/[^A-Z]/g, "");
  return [...instance.deviceAuthorizations.values()].find((device) =>
    device.userCode.replace("-", "") === characters && isPending(device, instance)
  );
}

function isPending({ decision, expiresAt }: DeviceAuthorization, instance: Instance): boolean {
  return decision === "pending" && expiresAt > instance.now();
}

/** How much longer a device must wait after an early poll, in milliseconds (RFC 8628, section 3.5). */
const SLOW_DOWN_MS = 5_000;

/**
 * Exchanges a device code (RFC 8628, section 3.4).
 *
 * @throws {OAuthProblem} `authorization_pending`, `slow_down`, `access_denied`, `expired_token`, `unauthorized_client`,
 * `invalid_request`, `invalid_grant`
 */
export function redeemDeviceCode(
  form: URLSearchParams,
  { application, instance }: { application: EmulatedApplication; instance: Instance },
): Authorization {
  assertEnabled(application);
  const device = findDevice(form, { application, instance });
  if (device.expiresAt <= instance.now()) {
    throw new OAuthProblem("expired_token", "The device code has expired");
  }
  assertNotTooSoon(device, instance);
  const { decision } = device;
  switch (decision) {
    case "pending":
      throw new OAuthProblem("authorization_pending", "The user has not decided yet");
    case "denied":
      throw new OAuthProblem("access_denied", "The resource owner denied the request");
    case "exchanged":
      throw invalidGrant(instance, "The device code has already been used");
  }
  device.decision = "exchanged";
  return decision;
}

function findDevice(
  form: URLSearchParams,
  { application, instance }: { application: EmulatedApplication; instance: Instance },
): DeviceAuthorization {
  const deviceCode = form.get("device_code");
  if (!deviceCode) throw new OAuthProblem("invalid_request", "The 'device_code' parameter is missing");
  const device = instance.deviceAuthorizations.get(deviceCode);
  if (device?.application === application) return device;
  throw invalidGrant(instance, "The device code is unknown");
}

function assertNotTooSoon(device: DeviceAuthorization, instance: Instance): void {
  const now = instance.now();
  const isTooSoon = device.lastPolledAt !== undefined && now < device.lastPolledAt + device.intervalMs;
  device.lastPolledAt = now;
  if (!isTooSoon) return;
  device.intervalMs += SLOW_DOWN_MS;
  throw new OAuthProblem("slow_down", `Wait ${device.intervalMs / 1000} seconds between polls`);
}
