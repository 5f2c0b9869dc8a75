import { ClerkCliAuthError } from "./errors.ts";
import type { HttpAnswer } from "./http.ts";
import { clerkEndpoints, type Endpoints, parseHttpsUrl, trimTrailingSlashes } from "./issuer.ts";
import { type JsonObject, parseJsonObject } from "./json.ts";
import type { HttpRequest } from "./transport.ts";

/** What an issuer says of itself (RFC 8414, section 2). */
export interface IssuerMetadata extends Endpoints {
  /** Where a device flow begins (RFC 8628, section 4). */
  deviceAuthorization?: string;
  /** Whether authorization responses carry `iss` (RFC 9207, section 3). */
  sendsIssuer: boolean;
  /** How an authorization response may come back. */
  responseModes: readonly string[];
}

/**
 * Where the metadata of an issuer is (RFC 8414, section 3: the well-known path goes before the issuer's own), and where
 * else servers put it.
 */
export function metadataUrls(issuer: string): string[] {
  const { origin, pathname } = new URL(issuer);
  const path = trimTrailingSlashes(pathname);
  const inserted = `${origin}/.well-known/oauth-authorization-server${path}`;
  return path ? [inserted, `${issuer}/.well-known/oauth-authorization-server`] : [inserted];
}

/** The request for a metadata document. */
export function metadataRequest(url: string): HttpRequest {
  return { method: "GET", url, headers: { "accept": "application/json" } };
}

/** How metadata is checked. */
export interface MetadataOptions {
  issuer: string;
}

/**
 * Reads a metadata document. Endpoints that it does not name stand at Clerk's paths.
 *
 * @throws {ClerkCliAuthError} `config` when it is no metadata, or that of another issuer (RFC 8414, section 3.3), or
 * names an endpoint on another origin.
 */
export function readMetadata(answer: HttpAnswer, { issuer }: MetadataOptions): IssuerMetadata {
  const body = answer.status === 200 ? parseJsonObject(answer.text) : undefined;
  if (!body) {
    throw unusable(`The metadata of "${issuer}" cannot be read: it answered with status ${answer.status}`);
  }
  if (typeof body.issuer !== "string" || trimTrailingSlashes(body.issuer) !== issuer) {
    throw unusable(`The metadata of "${issuer}" names another issuer`);
  }
  const defaults = clerkEndpoints(issuer);
  const endpoint = (name: string) => readEndpoint(body, `${name}_endpoint`, issuer);
  const deviceAuthorization = endpoint("device_authorization");
  return {
    authorization: endpoint("authorization") ?? defaults.authorization,
    token: endpoint("token") ?? defaults.token,
    revocation: endpoint("revocation") ?? defaults.revocation,
    userinfo: endpoint("userinfo") ?? defaults.userinfo,
    ...(deviceAuthorization && { deviceAuthorization }),
    sendsIssuer: body.authorization_response_iss_parameter_supported === true,
    responseModes: Array.isArray(body.response_modes_supported)
      ? body.response_modes_supported.filter(isText)
      : [],
  };
}

function readEndpoint(body: JsonObject, name: string, issuer: string): string | undefined {
  const value = body[name];
  if (value === undefined) return undefined;
  const url = parseHttpsUrl(value, name);
  if (url.origin === new URL(issuer).origin) return url.href;
  throw unusable(`The metadata of "${issuer}" puts '${name}' on another origin`);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function unusable(message: string): ClerkCliAuthError {
  return new ClerkCliAuthError("config", message, { action: "Check 'issuer', or use Clerk's endpoints" });
}
