import { type JsonObject, parseJsonObject } from "./encoding.ts";
import { ClerkCliAuthError } from "./errors.ts";
import type { HttpAnswer, HttpRequest } from "./http.ts";
import {
  clerkEndpoints,
  clerkMetadata,
  type Endpoints,
  type IssuerMetadata,
  parseHttpsUrl,
  wellKnownUrl,
} from "./issuer.ts";
import { refusal } from "./oauth_error.ts";

/** The name of the metadata's address in messages. */
export const METADATA_ENDPOINT = "The metadata endpoint of the issuer";

/** The two documents in which an issuer can describe itself. Clerk's differ. */
export type MetadataDocument = "openid-configuration" | "oauth-authorization-server";

/**
 * The request for a document of an issuer (OpenID Connect Discovery 1.0, section 4.1, which adds to the issuer's path;
 * RFC 8414, section 3.1, which goes before it).
 */
export function metadataRequest(issuer: string, document: MetadataDocument): HttpRequest {
  const url = document === "openid-configuration"
    ? `${issuer}/.well-known/${document}`
    : wellKnownUrl(new URL(issuer), document);
  return { method: "GET", url, headers: { "accept": "application/json" } };
}

/**
 * The members that are used, and so are worth keeping (RFC 8414, section 2; RFC 8628, section 4; RFC 9207, section
 * 3).
 */
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
 * Reads the response to a request for metadata (RFC 8414, section 3.2).
 *
 * @returns the members that are used, unchecked; `null` where the issuer has no metadata (404 or 410).
 * @throws {ClerkCliAuthError} `network` if it was refused, `config` if it is not a JSON object about the issuer (RFC 8414,
 * section 3.3).
 */
export function readMetadataAnswer(answer: HttpAnswer, issuer: string): JsonObject | null {
  if (answer.status === 404 || answer.status === 410) return null;
  if (answer.status !== 200) {
    throw refusal(answer, { step: "network", endpointName: METADATA_ENDPOINT, secrets: [] });
  }
  const body = parseJsonObject(answer.text);
  if (!body) throw unusable("is not a JSON object");
  checkIssuer(body, issuer);
  return Object.fromEntries(
    MEMBERS.filter((name) => (body[name] ?? null) !== null).map((name) => [name, body[name]]),
  );
}

/** Whether a document names all endpoints that a client may use, so that there is no need to ask for the other one. */
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
 * Makes one document of two.
 *
 * @throws {ClerkCliAuthError} `config` when they contradict each other.
 */
export function mergeDocuments(openid: JsonObject | null, oauth: JsonObject | null): JsonObject | null {
  if (!openid || !oauth) return openid ?? oauth;
  for (const name of MEMBERS.filter((name) => name.endsWith("_endpoint"))) {
    const isSame = openid[name] === undefined || oauth[name] === undefined || openid[name] === oauth[name];
    if (!isSame) throw unusable(`has two values for its '${name}'`);
  }
  return { ...oauth, ...openid };
}

/** What metadata is held to. */
export interface MetadataExpectation {
  /** Without trailing slashes. */
  issuer: string;
  /** Where endpoints may be besides the issuer's own origin. */
  endpointOrigins: readonly string[];
}

/**
 * Checks metadata; `null` stands for an issuer without any, whose endpoints are then at Clerk's paths.
 *
 * @throws {ClerkCliAuthError} `config` when it is that of another issuer (RFC 8414, section 3.3), or names an endpoint
 * that is missing or elsewhere than it may be.
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
 * The device authorization endpoint of a document (RFC 8628, section 4); `undefined` if it names none.
 *
 * @throws {ClerkCliAuthError} `config` if it is elsewhere than it may be.
 */
export function parseDeviceEndpoint(document: JsonObject, expected: MetadataExpectation): string | undefined {
  const name = "device_authorization_endpoint";
  return document[name] === undefined ? undefined : checkedEndpoint(document[name], { name, ...expected });
}

/** Neither of Clerk's documents has to name the userinfo and the revocation endpoint, which are at Clerk's paths. */
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
