import { type JsonObject, parseJsonObject } from "./encoding.ts";
import { ClerkCliAuthError } from "./errors.ts";
import type { HttpRequest, TextResponse } from "./http.ts";
import {
  clerkEndpoints,
  clerkMetadata,
  type Endpoints,
  type IssuerMetadata,
  parseHttpsUrl,
  wellKnownUrl,
} from "./issuer.ts";
import { refusal } from "./oauth_error.ts";

/** The name of the metadata endpoint in messages. */
export const METADATA_ENDPOINT = "The metadata endpoint of the issuer";

/** The two documents that can describe an issuer. Clerk's differ. */
export type MetadataDocument = "openid-configuration" | "oauth-authorization-server";

/**
 * Builds the request for a metadata document. OpenID Connect Discovery 1.0, section 4.1, appends to the
 * issuer's path; RFC 8414, section 3.1, inserts before it.
 */
export function metadataRequest(issuer: string, document: MetadataDocument): HttpRequest {
  const url = document === "openid-configuration"
    ? `${issuer}/.well-known/${document}`
    : wellKnownUrl(new URL(issuer), document);
  return { method: "GET", url, headers: { "accept": "application/json" } };
}

/** The fields that we use and cache (RFC 8414, section 2; RFC 8628, section 4; RFC 9207, section 3). */
const MEMBERS = [
  "issuer",
  "authorization_endpoint",
  "token_endpoint",
  "revocation_endpoint",
  "userinfo_endpoint",
  "device_authorization_endpoint",
  "response_modes_supported",
  "authorization_response_iss_parameter_supported",
] as const;

/**
 * Reads a metadata response (RFC 8414, section 3.2).
 *
 * @returns The fields that we use, unchecked; `null` if the issuer has no metadata (404 or 410).
 * @throws {ClerkCliAuthError} `network` for any other status, `config` if the body is not a JSON object or
 * describes another issuer (RFC 8414, section 3.3).
 */
export function readMetadataResponse(response: TextResponse, issuer: string): JsonObject | null {
  if (response.status === 404 || response.status === 410) return null;
  if (response.status !== 200) {
    throw refusal(response, { step: "network", endpointName: METADATA_ENDPOINT, secrets: [] });
  }
  const body = parseJsonObject(response.text);
  if (!body) throw unusable("is not a JSON object");
  checkIssuer(body, issuer);
  return Object.fromEntries(
    MEMBERS.filter((name) => (body[name] ?? null) !== null).map((name) => [name, body[name]]),
  );
}

/** Reports whether a document has every endpoint we use, so that the other one need not be fetched. */
export function isComplete(document: JsonObject | null): boolean {
  return document !== null && NEEDED.every((name) => document[name] !== undefined);
}

const NEEDED: readonly (typeof MEMBERS[number])[] = [
  "authorization_endpoint",
  "token_endpoint",
  "revocation_endpoint",
  "userinfo_endpoint",
];

/**
 * Merges the two documents.
 *
 * @throws {ClerkCliAuthError} `config` if they contradict each other.
 */
export function mergeDocuments(openid: JsonObject | null, oauth: JsonObject | null): JsonObject | null {
  if (!openid || !oauth) return openid ?? oauth;
  for (const name of MEMBERS.filter((name) => name.endsWith("_endpoint"))) {
    const isSame = openid[name] === undefined || oauth[name] === undefined || openid[name] === oauth[name];
    if (!isSame) throw unusable(`has two values for its '${name}'`);
  }
  return { ...oauth, ...openid };
}

/** What metadata must match. */
export interface MetadataExpectation {
  /** Without trailing slashes. */
  issuer: string;
  /** The origins, besides the issuer's, that may host endpoints. */
  endpointOrigins: readonly string[];
}

/**
 * Checks metadata. `null` means that the issuer has none: its endpoints are then at Clerk's paths.
 *
 * @throws {ClerkCliAuthError} `config` if it describes another issuer (RFC 8414, section 3.3), or an endpoint
 * is missing or on an origin that is not allowed.
 */
export function parseMetadata(document: JsonObject | null, expected: MetadataExpectation): IssuerMetadata {
  const { issuer } = expected;
  if (document === null) return clerkMetadata(issuer);
  checkIssuer(document, issuer);
  const modes = document.response_modes_supported;
  return {
    endpoints: withClerkPaths(parseEndpoints(document, expected), issuer),
    namesItself: document.authorization_response_iss_parameter_supported === true,
    offersFormPost: Array.isArray(modes) && modes.includes("form_post"),
  };
}

function parseEndpoints(document: JsonObject, expected: MetadataExpectation): Endpoints {
  const parse = (name: string) => document[name] === undefined ? undefined : parseEndpoint(name);
  const parseEndpoint = (name: string) => checkedEndpoint(document[name], { name, ...expected });
  const [revocation, userinfo] = [parse("revocation_endpoint"), parse("userinfo_endpoint")];
  const deviceAuthorization = parseDeviceEndpoint(document, expected);
  return {
    authorization: parseEndpoint("authorization_endpoint"),
    token: parseEndpoint("token_endpoint"),
    ...(revocation && { revocation }),
    ...(userinfo && { userinfo }),
    ...(deviceAuthorization && { deviceAuthorization }),
  };
}

function checkIssuer(document: JsonObject, issuer: string): void {
  if (document.issuer !== issuer) throw unusable(`is about another issuer than "${issuer}"`);
}

/**
 * Returns the device authorization endpoint (RFC 8628, section 4); `undefined` if there is none.
 *
 * @throws {ClerkCliAuthError} `config` if it is on an origin that is not allowed.
 */
export function parseDeviceEndpoint(document: JsonObject, expected: MetadataExpectation): string | undefined {
  const name = "device_authorization_endpoint";
  return document[name] === undefined ? undefined : checkedEndpoint(document[name], { name, ...expected });
}

/** Clerk's documents may omit the userinfo and revocation endpoints; they exist nonetheless. */
function withClerkPaths(endpoints: Endpoints, issuer: string): Endpoints {
  const clerk = clerkEndpoints(issuer);
  const isClerk = endpoints.authorization === clerk.authorization && endpoints.token === clerk.token;
  return isClerk ? { ...clerk, ...endpoints } : endpoints;
}

function checkedEndpoint(
  value: unknown,
  { name, issuer, endpointOrigins }: MetadataExpectation & { name: string },
): string {
  const url = parseHttpsUrl(value, name);
  if (url.hash) throw unusable(`has a fragment in its '${name}'`);
  if (url.origin === new URL(issuer).origin || endpointOrigins.includes(url.origin)) return url.href;
  throw unusable(`has its '${name}' on another origin`, {
    action: `Add "${url.origin}" to 'endpointOrigins' if it is the issuer's`,
  });
}

function unusable(what: string, { action = "Check the issuer" } = {}): ClerkCliAuthError {
  return new ClerkCliAuthError("config", `The metadata of the issuer ${what}`, { action });
}
