import type { JsonObject } from "../core/encoding.ts";
import { trimTrailingSlashes } from "../core/issuer.ts";

/** The OAuth application that a CLI needs. */
export interface WantedApplication {
  name: string;
  scopes: readonly string[];
  /** Whether to allow the device authorization grant (RFC 8628). */
  withDevice: boolean;
}

/** What a CLI needs to know about its OAuth application. */
export interface OAuthApplication {
  clientId: string;
  issuer: string;
}

/** A loopback redirect URI: the issuer accepts any port (RFC 8252, section 7.3). */
const REDIRECT_URI = "http://127.0.0.1/callback";

/** Builds the body of the request that creates an application. */
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

/** Reports whether an application allows the device authorization grant. */
export function hasDeviceGrant({ device_authorization_grant_enabled: isEnabled }: JsonObject): boolean {
  return isEnabled === true;
}

/** Reports whether an application matches exactly. Any other would fail later or allow more than it should. */
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

/** Reads an application; `undefined` if a field is missing. The issuer comes from the authorization endpoint. */
export function readApplication(
  { client_id: clientId, authorize_url: authorizeUrl }: JsonObject,
): OAuthApplication | undefined {
  const isComplete = typeof clientId === "string" && clientId !== "" &&
    typeof authorizeUrl === "string" && URL.canParse(authorizeUrl) && authorizeUrl.endsWith(AUTHORIZE_PATH);
  if (!isComplete) return undefined;
  return { clientId, issuer: trimTrailingSlashes(authorizeUrl.slice(0, -AUTHORIZE_PATH.length)) };
}
