import type { ClerkClientLike } from "../clerk/client.ts";
import { assertConfigured, createCliAuth, VARIABLES } from "../create_cli_auth.ts";
import { variableIn, variablesOf, withEnv } from "../env.ts";
import { misconfigured } from "../failures.ts";
import { acceptedTypes } from "../token/credential.ts";
import type { CliAuth, CliAuthOptions, HandleOptions } from "../types.ts";
import {
  badAddress,
  createReport,
  failureResponse,
  methodNotAllowed,
  notFound,
  type Report,
  requestAddress,
  withoutBody,
} from "./responses.ts";
import { type CorsOptions, withCors } from "./cors.ts";
import { handle } from "./handle.ts";
import { METADATA_PATH, resourceMetadata } from "./resource_metadata.ts";

/** The options of {@linkcode fetchHandler}: those of {@linkcode handle} and {@linkcode cliAuth}, and these. */
export interface FetchHandlerOptions<C extends ClerkClientLike = ClerkClientLike, Env = unknown>
  extends Omit<HandleOptions<C>, "auth">, Omit<CliAuthOptions<C>, "env"> {
  /**
   * Your own verifier, or a function that creates one from what the platform passes along with the request: on Workers,
   * the bindings. Replaces the options of {@linkcode cliAuth}.
   */
  auth?: CliAuth<C> | ((env: Env) => CliAuth<C>);
  /**
   * The path of the route that tells a CLI who is signed in.
   * @default every path
   */
  path?: string;
  /**
   * The path of a route that responds with 200 if the server is configured, without calling Clerk.
   * @default none
   */
  healthPath?: string;
  /**
   * The web pages that may call it from another origin.
   * @default none
   */
  cors?: CorsOptions;
}

/** A default export that Cloudflare Workers, `deno serve` (Deno Deploy) and Bun can run. */
export interface FetchHandler {
  /**
   * Handles a request.
   *
   * @param request The request.
   * @param env What the platform passes: variables are looked up there first, then in the environment of the process.
   * @param context Not used.
   * @returns The response.
   */
  fetch(request: Request, env?: unknown, context?: unknown): Promise<Response>;
}

type Route = (request: Request, platform: unknown) => Promise<Response>;

const CLI_AUTH_OPTIONS = [
  "client",
  "clientConfig",
  "clientIds",
  "issuer",
  "audience",
  "cache",
  "requestTimeoutMs",
  "lookup",
] as const satisfies (keyof CliAuthOptions)[];

/**
 * Turns {@linkcode handle} into a whole server: an object that Cloudflare Workers, `deno serve` (Deno Deploy) and Bun
 * run as a default export. It reads `CLERK_SECRET_KEY` and `CLERK_OAUTH_CLIENT_ID` from what the platform passes
 * along with the request, else from the environment.
 *
 * @param options What is accepted, where, and for whom.
 * @returns The object to export.
 * @throws {ClerkCliAuthError} `config` if an option is invalid.
 *
 * @example
 * ```ts
 * import { fetchHandler } from "@clerk/cli-auth/server";
 *
 * export default fetchHandler({
 *   clientIds: ["your-oauth-client-id"],
 *   path: "/api/me",
 *   healthPath: "/health",
 *   resource: { issuer: "https://clerk.example.com", clientId: "your-oauth-client-id" },
 * });
 * ```
 */
export function fetchHandler<C extends ClerkClientLike = ClerkClientLike, Env = unknown>(
  options: FetchHandlerOptions<C, Env> = {},
): FetchHandler {
  const { cors, resource, path } = options;
  const report = createReport(options.onError);
  assertOptions(options);
  const metadata = resource && resourceMetadata(resource);
  const routes = new Map<string, Route>();
  // Created now if that needs no environment, so that an invalid option throws here.
  if (typeof options.auth !== "function") {
    routes.set(variablesKey(undefined), routeOf(options, authOf(options, undefined as Env)));
  }

  // Routes are remembered by the variables that they read: a platform can pass a new object with every request.
  function routeFor(env: unknown): Route {
    const key = variablesKey(env);
    const route = routes.get(key) ?? routeOf(options, authOf(options, env as Env));
    routes.set(key, route);
    return route;
  }

  async function answer(request: Request, env: unknown): Promise<Response> {
    const address = requestAddress(request);
    if (!address) return badAddress();
    if (metadata && isMetadataPath(address.pathname, path)) return metadata(request);
    try {
      return await routeFor(env)(request, env);
    } catch (cause) {
      return await failureResponse(cause, request, { report, scopes: [], hasToken: false });
    }
  }

  async function respond(request: Request, env: unknown): Promise<Response> {
    const response = await answer(request, env);
    return request.method === "HEAD" ? withoutBody(response) : response;
  }

  return { fetch: cors ? withCors(respond, cors) : respond };
}

function routeOf<C extends ClerkClientLike>(options: FetchHandlerOptions<C, never>, auth: CliAuth<C>): Route {
  const { path, healthPath, accepts = "any", onError } = options;
  const report = createReport(onError);
  const types = acceptedTypes(accepts);
  const identify = handle({ ...options, auth });
  return async (request, platform) => {
    const { pathname } = new URL(request.url);
    if (pathname === healthPath) {
      return await healthResponse(request, () => assertConfigured(auth, types), report);
    }
    return path === undefined || pathname === path ? await identify(request, platform) : notFound();
  };
}

function authOf<C extends ClerkClientLike, Env>(options: FetchHandlerOptions<C, Env>, env: Env): CliAuth<C> {
  const { auth } = options;
  if (auth === undefined) return createCliAuth(options, { variable: variablesOf(env) });
  return typeof auth === "function" ? withEnv(env, () => auth(env)) : auth;
}

function assertOptions<C extends ClerkClientLike, Env>(options: FetchHandlerOptions<C, Env>): void {
  for (const name of ["path", "healthPath"] as const) {
    if (options[name]?.startsWith("/") === false) throw misconfigured(`'${name}' must begin with "/"`);
  }
  const idle = CLI_AUTH_OPTIONS.filter((name) => options.auth !== undefined && options[name] !== undefined);
  if (idle.length > 0) {
    throw misconfigured(`'${idle.join("', '")}' must be given to the verifier that 'auth' is, not beside it`);
  }
}

/** Tells apart the verifiers that are created from what a platform passes. */
function variablesKey(env: unknown): string {
  return JSON.stringify(VARIABLES.map((name) => variableIn(env, name) ?? null));
}

function isMetadataPath(pathname: string, path: string | undefined): boolean {
  const suffix = path === "/" ? "" : path;
  if (suffix !== undefined) return pathname === METADATA_PATH + suffix;
  return pathname === METADATA_PATH || pathname.startsWith(`${METADATA_PATH}/`);
}

const METHODS = ["GET", "HEAD"];

/** Responds with whether the server is configured to verify tokens. */
async function healthResponse(
  request: Request,
  assert: () => Promise<void>,
  report: Report,
): Promise<Response> {
  if (!METHODS.includes(request.method)) return methodNotAllowed(METHODS.join(", "));
  try {
    await assert();
  } catch (cause) {
    return await failureResponse(cause, request, { report, scopes: [], hasToken: false });
  }
  return Response.json({ status: "ok" }, { headers: { "cache-control": "no-store" } });
}
