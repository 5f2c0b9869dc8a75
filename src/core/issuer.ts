import { ClerkCliAuthError } from "./errors.ts";
import { quoted } from "./text.ts";

/** Where the issuer's endpoints are (RFC 8414, section 2, has their names). */
export interface Endpoints {
  authorization: string;
  token: string;
  revocation?: string;
  userinfo?: string;
  /** RFC 8628, section 4. */
  deviceAuthorization?: string;
}

/** The scopes that a login asks for unless told otherwise. */
export const DEFAULT_SCOPES: readonly string[] = ["profile", "email", "openid", "offline_access"];

/** What every Clerk instance has. */
type ClerkEndpoints = Required<Omit<Endpoints, "deviceAuthorization">>;

/** The endpoints at Clerk's paths below an issuer. */
export function clerkEndpoints(issuer: string): ClerkEndpoints {
  return {
    authorization: `${issuer}/oauth/authorize`,
    token: `${issuer}/oauth/token`,
    revocation: `${issuer}/oauth/token/revoke`,
    userinfo: `${issuer}/oauth/userinfo`,
  };
}

/**
 * Checks an issuer identifier and gives it without trailing slashes.
 *
 * @throws {ClerkCliAuthError} `config` when it is not an https URL (http only on loopback) or has a query, a fragment
 * or credentials (RFC 8414, section 2).
 */
export function parseIssuer(value: unknown): string {
  const url = parseHttpsUrl(value, "issuer");
  if (url.search || url.hash) throw invalidUrl("issuer", value, "must have neither a query nor a fragment");
  return trimTrailingSlashes(url.href);
}

/**
 * Checks a URL that tokens are sent to.
 *
 * @throws {ClerkCliAuthError} `config` when it is not an https URL (http only on loopback) or holds credentials.
 */
export function parseHttpsUrl(value: unknown, name: string): URL {
  if (typeof value !== "string" || value === "") throw invalidUrl(name, value, "is required");
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (!url) throw invalidUrl(name, value, "must be a URL");
  if (url.username || url.password) {
    throw new ClerkCliAuthError("config", `'${name}' must not hold a user name or password`);
  }
  if (url.protocol === "https:") return url;
  if (url.protocol !== "http:") throw invalidUrl(name, value, "must be an https URL");
  if (!isLoopback(url.hostname)) {
    throw invalidUrl(name, value, "must be an https URL unless its host is loopback");
  }
  return url;
}

/** Whether a URL's host name is this machine: `localhost`, `127.0.0.0/8` or `[::1]`. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

/** Removes the slashes at the end, in linear time. */
export function trimTrailingSlashes(text: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === "/") end--;
  return text.slice(0, end);
}

function invalidUrl(name: string, value: unknown, rule: string): ClerkCliAuthError {
  return new ClerkCliAuthError("config", `'${name}' ${rule}: got ${quoted(value)}`);
}

/** What is known of an issuer, as far as it matters to a client. */
export interface IssuerMetadata {
  endpoints: Endpoints;
  /** Whether each of its authorization responses carries `iss` (RFC 9207, section 3). */
  namesItself: boolean;
  /** Whether it can post the authorization response (OAuth 2.0 Form Post Response Mode). */
  offersFormPost: boolean;
}

/** What may be taken for granted of an issuer at Clerk that was not asked. */
export function clerkMetadata(issuer: string): IssuerMetadata {
  return { endpoints: clerkEndpoints(issuer), namesItself: false, offersFormPost: false };
}

/**
 * The address of a resource's or an issuer's metadata: the well-known path goes before its own (RFC 8414, section 3.1;
 * RFC 9728, section 3.1).
 */
export function wellKnownUrl({ origin, pathname, search }: URL, name: string): string {
  const path = pathname === "/" ? "" : pathname;
  return `${origin}/.well-known/${name}${path}${search}`;
}
