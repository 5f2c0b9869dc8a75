import type { JsonObject } from "../core/encoding.ts";
import { trimTrailingSlashes } from "../core/issuer.ts";

/** What the OAuth application of a CLI must be. */
export interface WantedApplication {
  name: string;
  scopes: readonly string[];
  /** Whether people may sign in with a code on any device (RFC 8628). */
  withDevice: boolean;
}

/** What a CLI needs to know of an OAuth application. */
export interface OAuthApplication {
  clientId: string;
  issuer: string;
}

/** The redirect URI of a loopback listener: on this host any port is accepted (RFC 8252, section 7.3). */
const REDIRECT_URI = "http://127.0.0.1/callback";

/** What the Backend API is asked to create. */
export function creationParameters({ name, scopes, withDevice }: WantedApplication): JsonObject {
  return {
    name,
    redirect_uris: [REDIRECT_URI],
    scopes: scopes.join(" "),
    public: true,
    pkce_required: true,
    ...(withDevice && { device_authorization_grant_enabled: true }),
  };
}

/** Whether an application may sign people in with a code on any device. */
export function hasDeviceGrant({ device_authorization_grant_enabled: isEnabled }: JsonObject): boolean {
  return isEnabled === true;
}

/** Whether an application is exactly what is wanted: any other would fail later, or allow more than it should. */
export function isWanted(application: JsonObject, { name, scopes }: WantedApplication): boolean {
  const { redirect_uris: redirectUris } = application;
  return application.name === name && application.public === true && application.pkce_required === true &&
    Array.isArray(redirectUris) && redirectUris.length === 1 && redirectUris[0] === REDIRECT_URI &&
    sorted(String(application.scopes ?? "").split(" ")) === sorted(scopes);
}

function sorted(scopes: readonly string[]): string {
  return [...new Set(scopes)].filter(Boolean).sort().join(" ");
}

const AUTHORIZE_PATH = "/oauth/authorize";

/** Reads an application; its authorization endpoint gives away the issuer. `undefined` if something is missing. */
export function readApplication(
  { client_id: clientId, authorize_url: authorizeUrl }: JsonObject,
): OAuthApplication | undefined {
  const isComplete = typeof clientId === "string" && clientId !== "" &&
    typeof authorizeUrl === "string" && URL.canParse(authorizeUrl) && authorizeUrl.endsWith(AUTHORIZE_PATH);
  if (!isComplete) return undefined;
  return { clientId, issuer: trimTrailingSlashes(authorizeUrl.slice(0, -AUTHORIZE_PATH.length)) };
}
