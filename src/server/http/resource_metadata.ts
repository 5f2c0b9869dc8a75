import { parseHttpsUrl, parseIssuer } from "../../core/issuer.ts";
import { assertKnownOptions, type OptionNames, optionNames } from "../options.ts";
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
  /** The URL of the backend. */
  resource: string;
  /** The issuer, in a list. */
  authorization_servers: [string];
  /** How to send the token. */
  bearer_methods_supported: ["header"];
  /** The scopes to request. */
  scopes_supported?: readonly string[];
  /**
   * The client ID of the CLI's OAuth application, for `ClerkCliAuth.discover()`. An extension of this
   * package, as RFC 9728, section 2, allows.
   */
  clerk_cli_client_id?: string;
}

const RESOURCE_OPTIONS: OptionNames<ResourceOptions> = optionNames("issuer clientId scopes url");

/** Checks the description of a resource. Throws `config`. */
export function parseResource(options: ResourceOptions): ResourceOptions {
  assertKnownOptions(options, RESOURCE_OPTIONS, "'resource'");
  const url = options.url === undefined ? {} : { url: parseHttpsUrl(options.url, "resource.url").href };
  return { ...options, issuer: parseIssuer(options.issuer), ...url };
}

function metadataOf(
  { url, issuer, clientId, scopes }: ResourceOptions,
  { origin, pathname }: URL,
): ResourceMetadata {
  return {
    resource: url ?? origin + (pathname.slice(METADATA_PATH.length) || "/"),
    authorization_servers: [issuer],
    bearer_methods_supported: ["header"],
    // Lists without elements must be omitted (RFC 9728, section 3.2).
    ...(scopes && scopes.length > 0 && { scopes_supported: scopes }),
    ...(clientId !== undefined && { clerk_cli_client_id: clientId }),
  };
}

/**
 * Creates the route that tells a CLI, which only knows the backend's URL, where to sign in and as which
 * client. Serve it at `/.well-known/oauth-protected-resource`, followed by the path of the {@linkcode handle}
 * route. {@linkcode fetchHandler} does so automatically.
 *
 * @param resource The issuer, client ID and scopes.
 * @returns The route.
 * @throws {ClerkCliAuthError} `config` if a URL is not https (or http on loopback).
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
