import { ClerkCliAuthError } from "./errors.ts";
import { quoted } from "./text.ts";

/** The issuer's endpoints (RFC 8414, section 2). */
export interface Endpoints {
  authorization: string;
  token: string;
  revocation?: string;
  userinfo?: string;
  /** RFC 8628, section 4. */
  deviceAuthorization?: string;
}

/** The scopes that a login requests by default. */
export const DEFAULT_SCOPES: readonly string[] = ["profile", "email", "openid", "offline_access"];

/** The endpoints of every Clerk instance. */
type ClerkEndpoints = Required<Omit<Endpoints, "deviceAuthorization">>;

/** Returns Clerk's endpoints for an issuer. */
export function clerkEndpoints(issuer: string): ClerkEndpoints {
  return {
    authorization: `${issuer}/oauth/authorize`,
    token: `${issuer}/oauth/token`,
    revocation: `${issuer}/oauth/token/revoke`,
    userinfo: `${issuer}/oauth/userinfo`,
  };
}

/**
 * Checks an issuer identifier and removes trailing slashes.
 *
 * @throws {ClerkCliAuthError} `config` if it is not an https URL (or http on loopback), or has a query, a
 * fragment or credentials (RFC 8414, section 2).
 */
export function parseIssuer(value: unknown): string {
  const url = parseHttpsUrl(value, "issuer");
  if (url.search || url.hash) throw invalidUrl("issuer", value, "must have neither a query nor a fragment");
  return trimTrailingSlashes(url.href);
}

/**
 * Checks a URL that tokens are sent to.
 *
 * @throws {ClerkCliAuthError} `config` if it is not an https URL (or http on loopback), or contains
 * credentials.
 */
export function parseHttpsUrl(value: unknown, name: string): URL {
  if (typeof value !== "string" || value === "") throw invalidUrl(name, value, "is required");
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (!url) throw invalidUrl(name, value, "must be a URL");
  if (url.username || url.password) {
    throw new ClerkCliAuthError("config", `'${name}' must not contain a user name or password`);
  }
  if (url.protocol === "https:") return url;
  if (url.protocol !== "http:") throw invalidUrl(name, value, "must be an https URL");
  if (!isLoopback(url.hostname)) {
    throw invalidUrl(name, value, "must be an https URL unless its host is loopback");
  }
  return url;
}

/** Reports whether a host name is loopback: `localhost`, `127.0.0.0/8` or `[::1]`. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

/** Removes trailing slashes, in linear time. */
export function trimTrailingSlashes(text: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === "/") end--;
  return text.slice(0, end);
}

function invalidUrl(name: string, value: unknown, rule: string): ClerkCliAuthError {
  return new ClerkCliAuthError("config", `'${name}' ${rule}: got ${quoted(value)}`);
}

/** What a client needs to know about an issuer. */
export interface IssuerMetadata {
  endpoints: Endpoints;
  /** Whether every authorization response contains `iss` (RFC 9207, section 3). */
  namesItself: boolean;
  /** Whether the issuer can post the authorization response (OAuth 2.0 Form Post Response Mode). */
  offersFormPost: boolean;
}

/** Returns what is known about Clerk without fetching its metadata. */
export function clerkMetadata(issuer: string): IssuerMetadata {
  return { endpoints: clerkEndpoints(issuer), namesItself: false, offersFormPost: false };
}

/**
 * Returns the URL of metadata: the well-known path goes before the path of the resource or issuer (RFC 8414,
 * section 3.1; RFC 9728, section 3.1).
 */
export function wellKnownUrl({ origin, pathname, search }: URL, name: string): string {
  const path = pathname === "/" ? "" : pathname;
  return `${origin}/.well-known/${name}${path}${search}`;
}
