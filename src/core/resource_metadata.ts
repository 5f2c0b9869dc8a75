import { parseJsonObject } from "./encoding.ts";
import { ClerkCliAuthError } from "./errors.ts";
import type { HttpRequest, TextResponse } from "./http.ts";
import { trimTrailingSlashes, wellKnownUrl } from "./issuer.ts";

/** What a protected resource says about signing in to it (RFC 9728, section 2). */
interface SignInMetadata {
  /** The first of its issuers that is allowed. */
  issuer: string;
  /** The resource exactly as the metadata spells it: issuers compare it as text (RFC 8707). */
  resource: string;
  /** The client ID of the CLI's OAuth application (`clerk_cli_client_id`, our extension). */
  clientId?: string;
  scopes?: readonly string[];
}

/** Builds the request for a resource's metadata (RFC 9728, section 3.1). */
export function resourceMetadataRequest(resource: URL): HttpRequest {
  return {
    method: "GET",
    url: wellKnownUrl(resource, "oauth-protected-resource"),
    headers: { "accept": "application/json" },
  };
}

/** What a resource's metadata must match. */
interface ResourceExpectation {
  resource: URL;
  /** Without trailing slashes. */
  allowedIssuers: readonly string[];
}

/**
 * Reads a resource's metadata.
 *
 * @throws {ClerkCliAuthError} `config` if the response is not metadata, describes another resource (RFC 9728,
 * section 3.3), or names no allowed issuer.
 */
export function readResourceMetadata(
  response: TextResponse,
  { resource, allowedIssuers }: ResourceExpectation,
): SignInMetadata {
  const body = response.status === 200 ? parseJsonObject(response.text) : undefined;
  if (!body) throw unusable(resource, `cannot be read (status ${response.status})`);
  const named = text(body.resource);
  if (!isSameAddress(named, resource)) throw unusable(resource, "is about another resource");
  const issuers = texts(body.authorization_servers).map(trimTrailingSlashes);
  const issuer = issuers.find((issuer) => allowedIssuers.includes(issuer));
  if (issuer === undefined) throw unusable(resource, "names no issuer that is allowed");
  const { clerk_cli_client_id: clientId } = body;
  const scopes = texts(body.scopes_supported);
  return {
    issuer,
    resource: named,
    ...(typeof clientId === "string" && clientId && { clientId }),
    ...(scopes.length > 0 && { scopes }),
  };
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Compares parsed URLs, because the slash after a bare origin is optional. */
function isSameAddress(text: string, { href }: URL): boolean {
  return URL.canParse(text) && new URL(text).href === href;
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

function unusable(resource: URL, what: string): ClerkCliAuthError {
  return new ClerkCliAuthError("config", `The metadata of "${resource.href}" ${what}`, {
    action: "Check the address and 'allowedIssuers', or configure the issuer and the client ID",
  });
}
