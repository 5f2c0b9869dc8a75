import { type JsonObject, parseJsonObject } from "./encoding.ts";
import { ClerkCliAuthError } from "./errors.ts";
import type { HttpAnswer, HttpRequest } from "./http.ts";
import { clerkMetadata, type Endpoints, type IssuerMetadata, parseHttpsUrl, wellKnownUrl } from "./issuer.ts";
import { refusal } from "./oauth_error.ts";

/** The name of the metadata's address in messages. */
export const METADATA_ENDPOINT = "The metadata endpoint of the issuer";

/** The request for the metadata of an issuer (RFC 8414, section 3.1). */
export function metadataRequest(issuer: string): HttpRequest {
  return {
    method: "GET",
    url: wellKnownUrl(new URL(issuer), "oauth-authorization-server"),
    headers: { "accept": "application/json" },
  };
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
 * @throws {ClerkCliAuthError} `network` when it was refused, `config` when it is no JSON object.
 */
export function readMetadataAnswer(answer: HttpAnswer): JsonObject | null {
  if (answer.status === 404 || answer.status === 410) return null;
  if (answer.status !== 200) {
    throw refusal(answer, { step: "network", endpointName: METADATA_ENDPOINT, secrets: [] });
  }
  const body = parseJsonObject(answer.text);
  if (!body) throw unusable("is not a JSON object");
  return Object.fromEntries(
    MEMBERS.filter((name) => (body[name] ?? null) !== null).map((name) => [name, body[name]]),
  );
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
  if (document.issuer !== issuer) throw unusable(`is about another issuer than "${issuer}"`);
  const modes = document.response_modes_supported;
  return {
    endpoints: parseEndpoints(document, expected),
    namesItself: document.authorization_response_iss_parameter_supported === true,
    offersFormPost: Array.isArray(modes) && modes.includes("form_post"),
  };
}

function parseEndpoints(document: JsonObject, expected: MetadataExpectation): Endpoints {
  const parse = (name: string) => document[name] === undefined ? undefined : parseEndpoint(name);
  const parseEndpoint = (name: string) => checkedEndpoint(document[name], { name, ...expected });
  const [revocation, userinfo, deviceAuthorization] = [
    parse("revocation_endpoint"),
    parse("userinfo_endpoint"),
    parse("device_authorization_endpoint"),
  ];
  return {
    authorization: parseEndpoint("authorization_endpoint"),
    token: parseEndpoint("token_endpoint"),
    ...(revocation && { revocation }),
    ...(userinfo && { userinfo }),
    ...(deviceAuthorization && { deviceAuthorization }),
  };
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
