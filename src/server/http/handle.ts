import type { Identity } from "../../core/identity.ts";
import type { ClerkClient, ClerkClientLike } from "../clerk/client.ts";
import { failureOfApiError, isClerkApiError } from "../clerk/failures.ts";
import { forbidden, misconfigured } from "../failures.ts";
import { assertKnownOptions, type OptionNames, optionNames } from "../options.ts";
import { acceptedTypes, assertAccepted, bearerToken, classify } from "../token/credential.ts";
import { assertScopes, isText } from "../token/verified_token.ts";
import type {
  AuthenticateOptions,
  Authentication,
  HandleOptions,
  NodeRequest,
  TokenInfo,
  TokenKind,
  VerifiedToken,
  VerifyOptions,
  VerifyTokenFn,
} from "../types.ts";
import { parseResource } from "./resource_metadata.ts";
import { createReport, failureResponse, methodNotAllowed, METHODS, privateJson } from "./responses.ts";
import { sourceOfConnection, sourceReader } from "./source.ts";

export const HANDLE_OPTIONS: OptionNames<HandleOptions> = optionNames(
  "auth accepts scopes verifyToken resolveIdentity resolveAuthInfo resource source proxy onError",
);

/**
 * Creates the route that tells a CLI who is signed in. It verifies the bearer token and responds with a JSON
 * `Identity`.
 *
 * Errors follow RFC 6750, section 3: 401, 403 or 400 with `WWW-Authenticate`, 405 with `Allow`, 503 with
 * `Retry-After` if Clerk cannot tell, 500 if the server is misconfigured. The body is
 * `{error, error_description, exit_code}`.
 *
 * @param options The verifier, and what to accept.
 * @returns The route, for any framework with the Fetch API. It reads the caller's address from what Deno, Bun
 * and `@hono/node-server` pass with a request.
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
export function handle<T extends TokenKind = TokenKind, C extends ClerkClientLike = ClerkClient>(
  options: HandleOptions<T, C>,
): (request: Request, platform?: unknown) => Promise<Response> {
  assertKnownOptions(options, HANDLE_OPTIONS, "handle()");
  return createRoute(options);
}

/** Creates the route from options that are already checked. */
export function createRoute<T extends TokenKind, C extends ClerkClientLike>(
  options: HandleOptions<T, C>,
): (request: Request, platform?: unknown) => Promise<Response> {
  const { auth, accepts = "any", scopes = [], verifyToken, resolveIdentity, resolveAuthInfo } = options;
  if (resolveIdentity && resolveAuthInfo) {
    throw misconfigured("'resolveIdentity' and 'resolveAuthInfo' are the same: give one of them");
  }
  const resolve = resolveIdentity ?? resolveAuthInfo;
  const types = acceptedTypes(accepts);
  const sourceOf = sourceReader(options);
  const resource = options.resource && parseResource(options.resource);
  const failure = { report: createReport(), onError: options.onError, resource };

  async function verifyByCaller(
    verifyToken: VerifyTokenFn<T, C>,
    token: string,
    request: Request,
  ): Promise<VerifiedToken<T>> {
    const type = classify(token, types).type as T;
    const context = { token, type, request, clerk: await auth.getClerk() };
    // A Clerk API error thrown by the verifier is its verdict.
    const verified: TokenInfo<T> | undefined = await (async () => await verifyToken(context))().catch(
      (error) => {
        throw isClerkApiError(error) ? failureOfApiError(error, [token]) : error;
      },
    );
    if (!isText(verified?.subject)) {
      throw misconfigured("verifyToken() gave no token with a non-empty 'subject'");
    }
    const granted = verified.scopes ?? [];
    // In a string, one scope could be part of another.
    if (!Array.isArray(granted)) throw misconfigured("verifyToken() gave 'scopes' that are no list");
    const info = { ...verified, type: verified.type ?? type, scopes: granted };
    assertAccepted(info.type, types);
    assertScopes(info.scopes, scopes);
    return info;
  }

  /** The steps, including the caller's own. */
  const stepsFor = (request: Request): Steps<T> => ({
    verifyToken: (token, verifyOptions) =>
      verifyToken ? verifyByCaller(verifyToken, token, request) : auth.verifyToken<T>(token, verifyOptions),
    resolveIdentity: async (context) =>
      resolve
        ? await resolve({ ...context, request, clerk: await auth.getClerk() })
        : await auth.resolveIdentity({ ...context, request }),
  });
  const isPlain = !verifyToken && !resolve;

  return async (request, platform) => {
    if (!METHODS.includes(request.method)) return methodNotAllowed(request);
    try {
      const source = sourceOf(request, platform);
      const steps = isPlain ? auth : stepsFor(request);
      const { identity } = await admit(request, steps, { accepts, scopes, source });
      return privateJson(identity, request);
    } catch (cause) {
      return await failureResponse(cause, request, failure);
    }
  };
}

const AUTHENTICATE_OPTIONS: OptionNames<AuthenticateOptions> = optionNames(
  "accepts scopes organization source resource onError",
);

/** Creates what guards a caller's routes. See {@linkcode CliAuthInstance.authenticate}. */
export function createGuard<T extends TokenKind>(
  steps: () => Steps<T>,
): (request: Request | NodeRequest, options?: AuthenticateOptions) => Promise<Authentication<T>> {
  const report = createReport();
  return async (request, options = {}) => {
    const { accepts = "any", scopes = [], organization, onError, resource } = options;
    try {
      assertKnownOptions(options, AUTHENTICATE_OPTIONS, "authenticate()");
      if (resource) parseResource(resource);
      // `undefined`, such as from a lost setting, must not let everyone in.
      if ("organization" in options && !isText(organization)) {
        throw misconfigured("'organization' must be the id of an organization");
      }
      const { source = sourceOfConnection(request) } = options;
      return { ok: true, ...await admit(request, steps(), { accepts, scopes, source, organization }) };
    } catch (cause) {
      return { ok: false, response: await failureResponse(cause, request, { report, onError, resource }) };
    }
  };
}

/** How to verify a request and find its owner. */
interface Steps<T extends TokenKind> {
  verifyToken(token: string, options: VerifyOptions): Promise<VerifiedToken<T>>;
  resolveIdentity(context: { tokenInfo: VerifiedToken<T>; request?: Request }): Promise<Identity>;
}

/** Returns the owner of a request's token. Throws what rejects it. */
async function admit<T extends TokenKind>(
  request: Request | NodeRequest,
  steps: Steps<T>,
  options: VerifyOptions & { organization?: string | undefined },
): Promise<{ identity: Identity; tokenInfo: VerifiedToken<T> }> {
  const tokenInfo = await steps.verifyToken(bearerToken(request), options);
  const { organization } = options;
  if (organization !== undefined && tokenInfo.orgId !== organization) {
    throw forbidden(
      "The token names no or another organization",
      "Sign in again and choose the organization",
    );
  }
  const identity = await steps.resolveIdentity({ tokenInfo });
  if (typeof identity?.sub === "string" && identity.sub !== "") return { identity, tokenInfo };
  throw misconfigured("resolveIdentity() gave no identity with a non-empty 'sub'");
}
