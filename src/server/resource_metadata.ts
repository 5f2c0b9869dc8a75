import { badAddress, methodNotAllowed, withoutBody } from "./answer.ts";
import { requestAddress } from "./request_address.ts";
import { metadataOf, parseResource, type ResourceOptions } from "./resource.ts";

const METHODS = ["GET", "HEAD"];

/**
 * Makes the route that tells a CLI, given only the backend's address, where and as which client to sign in. It
 * belongs at `/.well-known/oauth-protected-resource`, followed by the path of the route that {@linkcode handle}
 * makes; {@linkcode fetchHandler} does that by itself.
 *
 * @param resource The issuer, client id and scopes.
 * @returns The route.
 * @throws {ClerkCliAuthError} `config` when an address is not https (http on loopback).
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
    if (!METHODS.includes(request.method)) return methodNotAllowed(METHODS.join(", "));
    const address = requestAddress(request);
    if (!address) return withoutBody(badAddress(), request);
    const response = Response.json(metadataOf(parsed, address), { headers: { "cache-control": "no-store" } });
    return withoutBody(response, request);
  };
}
