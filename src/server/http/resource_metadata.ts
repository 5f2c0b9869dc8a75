import { parseHttpsUrl, parseIssuer } from "../../core/issuer.ts";
import { assertKnownOptions, type OptionNames } from "../options.ts";
import type { ResourceOptions } from "../types.ts";
import {
  badAddress,
  METADATA_PATH,
  methodNotAllowed,
  METHODS,
  privateJson,
  requestAddress,
} from "./responses.ts";

/** Protected resource metadata (RFC 9728, section 2). */
export interface ResourceMetadata {
  /** The URL of the backend that it describes. */
  resource: string;
  /** The issuer, as a list of one. */
  authorization_servers: [string];
  /** How to send the token. */
  bearer_methods_supported: ["header"];
  /** The scopes to ask for. */
  scopes_supported?: readonly string[];
  /**
   * The client id of the CLI's OAuth application. An extension of this package (RFC 9728, section 2, allows
   * additional parameters); `ClerkCliAuth.discover()` reads it.
   */
  clerk_cli_client_id?: string;
}

const RESOURCE_OPTIONS: OptionNames<ResourceOptions> = {
  issuer: true,
  clientId: true,
  scopes: true,
  url: true,
};

/**
 * Checks the description of a resource.
 *
 * @throws {ClerkCliAuthError} `config` if a URL in it is not https (http on loopback), or an option unknown.
 */
export function parseResource(options: ResourceOptions): ResourceOptions {
  assertKnownOptions(options, RESOURCE_OPTIONS, "'resource'");
  const url = options.url === undefined ? {} : { url: parseHttpsUrl(options.url, "resource.url").href };
  return { ...options, issuer: parseIssuer(options.issuer), ...url };
}

/** The metadata of a resource. */
function metadataOf(
  { url, issuer, clientId, scopes }: ResourceOptions,
  address: URL,
): ResourceMetadata {
  return {
    resource: url ?? resourceOf(address),
    authorization_servers: [issuer],
    bearer_methods_supported: ["header"],
    // Members without elements must be left out (RFC 9728, section 3.2).
    ...(scopes && scopes.length > 0 && { scopes_supported: scopes }),
    ...(clientId !== undefined && { clerk_cli_client_id: clientId }),
  };
}

function resourceOf({ origin, pathname }: URL): string {
  return origin + (pathname.slice(METADATA_PATH.length) || "/");
}

/**
 * Creates the route that tells a CLI, given only the backend's URL, where to sign in and as which client. It belongs at
 * `/.well-known/oauth-protected-resource`, followed by the path of the route that {@linkcode handle} creates;
 * {@linkcode fetchHandler} adds it by itself.
 *
 * @param resource The issuer, client id and scopes.
 * @returns The route.
 * @throws {ClerkCliAuthError} `config` if a URL is not https (http on loopback).
 * @see {@link https://www.rfc-editor.org/rfc/rfc9728#section-3 RFC 9728, section 3}
 *
 * @example
 * ```ts
 * import { cliAuth, handle, resourceMetadata } from "@clerk/cli-auth/server";
 *
 * const resource = { issuer: "https://clerk.example.com", clientId: "your-oauth-client-id" };
 * const auth = cliAuth({ clientIds: [resource.clientId] });
 *
 * const routes = {
 *   "/api/me": handle({ auth, resource }),
 *   "/.well-known/oauth-protected-resource/api/me": resourceMetadata(resource),
 * };
 * console.log(Object.keys(routes).length); // 2
 * ```
 */
export function resourceMetadata(resource: ResourceOptions): (request: Request) => Response {
  const parsed = parseResource(resource);
  return (request) => {
    if (!METHODS.includes(request.method)) return methodNotAllowed(request);
    const address = requestAddress(request);
    return address ? privateJson(metadataOf(parsed, address), request) : badAddress(request);
  };
}
