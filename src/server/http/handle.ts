import type { ClerkClientLike } from "../clerk/client.ts";
import { misconfigured } from "../failures.ts";
import { acceptedTypes, bearerToken } from "../token/credential.ts";
import { assertKnownOptions, type OptionNames } from "../options.ts";
import type { HandleOptions } from "../types.ts";
import { verifyByCaller } from "../verify/by_caller.ts";
import { createReport, failureResponse, methodNotAllowed, withoutBody } from "./responses.ts";
import { metadataUrl, parseResource } from "./resource_metadata.ts";
import { sourceReader } from "./source.ts";

const METHODS = ["GET", "HEAD"];

/** The options of {@linkcode handle}. */
export const HANDLE_OPTIONS: OptionNames<HandleOptions> = {
  auth: true,
  accepts: true,
  scopes: true,
  verifyToken: true,
  resolveIdentity: true,
  resolveAuthInfo: true,
  resource: true,
  source: true,
  proxy: true,
  onError: true,
};

/**
 * Creates the route that tells a CLI who is signed in: it verifies the bearer token and responds with a JSON `Identity`.
 *
 * Errors follow RFC 6750, section 3: 401, 403 or 400 with `WWW-Authenticate`, 405 with `Allow`, 503 with `Retry-After`
 * while Clerk cannot tell, 500 if the server is misconfigured. The body of each is `{error, error_description,
 * exit_code}`.
 *
 * @param options The verifier, and what is accepted.
 * @returns The route, for any framework that uses the Fetch API. What Deno, Bun and `@hono/node-server` pass along with a
 * request tells it the address of the caller.
 * @throws {ClerkCliAuthError} `config` if an option is invalid or unknown.
 *
 * @example A Next.js route handler
 * ```ts
 * import { cliAuth, handle } from "@clerk/cli-auth/server";
 *
 * const auth = cliAuth({ clientIds: ["your-oauth-client-id"] });
 *
 * export const GET = handle({ auth, accepts: ["api_key", "oauth_token"] });
 * ```
 *
 * @example Express, and `node:http`, through `@hono/node-server`
 * ```ts ignore
 * import { getRequestListener } from "@hono/node-server";
 * import { cliAuth, handle } from "@clerk/cli-auth/server";
 * import express from "express";
 *
 * const me = getRequestListener(handle({ auth: cliAuth() }));
 *
 * express().all("/api/me", (request, response) => me(request, response)).listen(3000);
 * ```
 */
export function handle<C extends ClerkClientLike>(
  options: HandleOptions<C>,
): (request: Request, platform?: unknown) => Promise<Response> {
  assertKnownOptions(options, HANDLE_OPTIONS, "handle()");
  return createRoute(options);
}

/** The same for options that are known. */
export function createRoute<C extends ClerkClientLike>(
  options: HandleOptions<C>,
): (request: Request, platform?: unknown) => Promise<Response> {
  const { auth, accepts = "any", scopes = [], resolveIdentity, resolveAuthInfo, onError } = options;
  if (resolveIdentity && resolveAuthInfo) {
    throw misconfigured("'resolveIdentity' and 'resolveAuthInfo' are the same: give one of them");
  }
  const resolve = resolveIdentity ?? resolveAuthInfo;
  const report = createReport(onError);
  const types = acceptedTypes(accepts);
  const sourceOf = sourceReader(options);
  const resource = options.resource && parseResource(options.resource);

  async function answer(request: Request, platform: unknown): Promise<Response> {
    if (!METHODS.includes(request.method)) return methodNotAllowed(METHODS.join(", "));
    let token: string | undefined;
    try {
      token = bearerToken(request);
      const tokenInfo = options.verifyToken
        ? await verifyByCaller(options.verifyToken, { token, request, auth, types, scopes })
        : await auth.verifyToken(token, { accepts, scopes, source: sourceOf(request, platform) });
      const identity = resolve
        ? await resolve({ tokenInfo, request, clerk: await auth.getClerk() })
        : await auth.resolveAuthInfo({ tokenInfo, request });
      if (typeof identity?.sub !== "string" || identity.sub === "") {
        throw misconfigured("resolveAuthInfo() gave no identity with a non-empty 'sub'");
      }
      return Response.json(identity, { headers: { "cache-control": "no-store" } });
    } catch (cause) {
      return await failureResponse(cause, request, {
        report,
        scopes,
        hasToken: token !== undefined,
        metadataUrl: resource && metadataUrl(resource, request),
      });
    }
  }

  return async (request, platform) => {
    const response = await answer(request, platform);
    return request.method === "HEAD" ? withoutBody(response) : response;
  };
}
