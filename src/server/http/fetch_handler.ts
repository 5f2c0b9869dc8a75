import type { ClerkClient, ClerkClientLike } from "../clerk/client.ts";
import { assertConfigured, CLI_AUTH_OPTIONS, createCliAuth, VARIABLES } from "../cli_auth.ts";
import { environmentOf, variableIn, variablesOf, withEnv } from "../env.ts";
import { misconfigured } from "../failures.ts";
import { assertKnownOptions, type OptionNames, optionNames } from "../options.ts";
import { acceptedTypes } from "../token/credential.ts";
import type { CliAuthFactoryOptions, CliAuthInstance, HandleOptions, TokenKind } from "../types.ts";
import {
  badAddress,
  createReport,
  failureResponse,
  METADATA_PATH,
  methodNotAllowed,
  METHODS,
  notFound,
  privateJson,
  requestAddress,
} from "./responses.ts";
import { type CorsOptions, withCors } from "./cors.ts";
import { createRoute, HANDLE_OPTIONS } from "./handle.ts";
import { resourceMetadata } from "./resource_metadata.ts";

/** The options of {@linkcode fetchHandler}, which include those of {@linkcode handle} and {@linkcode cliAuth}. */
export interface FetchHandlerOptions<C extends ClerkClientLike = ClerkClient, Env = unknown>
  extends Omit<HandleOptions<TokenKind, C>, "auth">, Omit<CliAuthFactoryOptions<C>, "env"> {
  /**
   * Your own verifier, or a function that creates one from the environment: the bindings on Workers, an
   * object with the variables of the process on Deno, Bun and Node. The function is called once for each
   * environment, compared by content. It replaces the options of {@linkcode cliAuth}.
   */
  auth?: CliAuthInstance<C> | ((env: Env) => CliAuthInstance<C>);
  /**
   * Returns the tenant of an environment. `auth` is then called once for each tenant. Needed if the
   * environment changes between requests for other reasons.
   * @default environments with different content have different verifiers
   */
  tenant?: (env: Env) => string;
  /**
   * The path of the route that tells a CLI who is signed in.
   * @default every path
   */
  path?: string;
  /**
   * The path of a route that responds with 200 if the server is configured. It does not call Clerk.
   * @default none
   */
  healthPath?: string;
  /**
   * The web pages that may call the handler from another origin.
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
   * @param env What the platform passes. If it is an environment, variables are read from it first, then from
   * the process.
   * @param context Ignored.
   * @returns The response.
   */
  fetch(request: Request, env?: unknown, context?: unknown): Promise<Response>;
}

/** The environment comes with each request. */
const { env: _, ...verifierOptions } = CLI_AUTH_OPTIONS;
const VERIFIER_OPTIONS = Object.keys(verifierOptions) as (keyof typeof verifierOptions)[];

const FETCH_HANDLER_OPTIONS: OptionNames<FetchHandlerOptions> = {
  ...HANDLE_OPTIONS,
  ...verifierOptions,
  ...optionNames("tenant path healthPath cors"),
};

type Route = (request: Request, platform: unknown, pathname: string) => Promise<Response>;

/**
 * Turns {@linkcode handle} into a whole server: an object that Cloudflare Workers, `deno serve` (Deno Deploy)
 * and Bun run as a default export. It reads `CLERK_SECRET_KEY` and `CLERK_OAUTH_CLIENT_ID` from what the
 * platform passes with a request, or from the environment of the process.
 *
 * @param options What to accept, on which path, and from whom.
 * @returns The object to export.
 * @throws {ClerkCliAuthError} `config` if an option is invalid or unknown.
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
export function fetchHandler<C extends ClerkClientLike = ClerkClient, Env = unknown>(
  options: FetchHandlerOptions<C, Env> = {},
): FetchHandler {
  const { cors, resource, path, onError } = options;
  const failure = { report: createReport(), onError };
  assertOptions(options);
  const metadata = resource && resourceMetadata(resource);
  let routes: { key: readonly unknown[]; route: Route }[] = [];
  // Create the route now if that needs no environment, so that an invalid option throws here.
  if (typeof options.auth !== "function") routeFor(undefined);

  function routeFor(passed: unknown): Route {
    const env = environmentOf(passed) as Env & object;
    const key = keyOf(options, { passed, env });
    const used = routes.find((known) => isSame(known.key, key)) ??
      { key, route: routeOf(options, authOf(options, env)) };
    // The most recently used route comes first.
    if (used !== routes[0]) routes = [used, ...routes.filter((other) => other !== used)].slice(0, MAX_ROUTES);
    return used.route;
  }

  async function respond(request: Request, env: unknown): Promise<Response> {
    const pathname = requestAddress(request)?.pathname;
    if (pathname === undefined) return badAddress(request);
    if (metadata && isMetadataPath(pathname, path)) return metadata(request);
    try {
      return await routeFor(env)(request, env, pathname);
    } catch (cause) {
      return await failureResponse(cause, request, failure);
    }
  }

  return { fetch: cors ? withCors(respond, cors) : respond };
}

function routeOf<C extends ClerkClientLike>(
  options: FetchHandlerOptions<C, never>,
  auth: CliAuthInstance<C>,
): Route {
  const { path, healthPath, accepts = "any" } = options;
  const types = acceptedTypes(accepts);
  const identify = createRoute({ ...options, auth });
  return async (request, platform, pathname) => {
    if (pathname !== healthPath) {
      return path === undefined || pathname === path ? await identify(request, platform) : notFound(request);
    }
    if (!METHODS.includes(request.method)) return methodNotAllowed(request);
    await assertConfigured(auth, types);
    return privateJson({ status: "ok" }, request);
  };
}

function authOf<C extends ClerkClientLike, Env>(
  options: FetchHandlerOptions<C, Env>,
  env: Env,
): CliAuthInstance<C> {
  const { auth } = options;
  if (auth === undefined) return createCliAuth(options, { variable: variablesOf(env) });
  return typeof auth === "function" ? withEnv(env, () => auth(env)) : auth;
}

function assertOptions<C extends ClerkClientLike, Env>(options: FetchHandlerOptions<C, Env>): void {
  assertKnownOptions(options, FETCH_HANDLER_OPTIONS, "fetchHandler()");
  if (options.tenant && typeof options.auth !== "function") {
    throw misconfigured("'tenant' needs 'auth' to be a function that creates verifiers");
  }
  for (const name of ["path", "healthPath"] as const) {
    if (options[name]?.startsWith("/") === false) throw misconfigured(`'${name}' must begin with "/"`);
  }
  const idle = VERIFIER_OPTIONS.filter((name) => options.auth !== undefined && options[name] !== undefined);
  if (idle.length > 0) {
    throw misconfigured(`'${idle.join("', '")}' must be given to the verifier that 'auth' is, not beside it`);
  }
}

const MAX_ROUTES = 1_000;

/** Returns what distinguishes environments that need their own verifiers. */
function keyOf<C extends ClerkClientLike, Env>(
  { auth, jwtOnly, tenant }: FetchHandlerOptions<C, Env>,
  { passed, env }: { passed: unknown; env: Env & object },
): readonly unknown[] {
  if (auth === undefined) return jwtOnly ? [] : VARIABLES.map((name) => variableIn(passed, name));
  if (typeof auth !== "function") return [];
  if (!tenant) return contentOf(env);
  const name: unknown = tenant(env);
  if (typeof name === "string" && name !== "") return [name];
  throw misconfigured("tenant() gave no name");
}

/** Returns the content of a plain object, or any other object itself, which may contain more than it shows. */
function contentOf(env: object): readonly unknown[] {
  const isPlain = [Object.prototype, null].includes(Object.getPrototypeOf(env));
  const names = isPlain ? Reflect.ownKeys(env) : [];
  if (names.length === 0) return [env];
  return names.flatMap((name) => {
    const { value, get } = Reflect.getOwnPropertyDescriptor(env, name) ?? {};
    return [name, value, get];
  });
}

function isSame(key: readonly unknown[], other: readonly unknown[]): boolean {
  return key.length === other.length && key.every((part, index) => Object.is(part, other[index]));
}

function isMetadataPath(pathname: string, path: string | undefined): boolean {
  const suffix = path === "/" ? "" : path;
  if (suffix !== undefined) return pathname === METADATA_PATH + suffix;
  return pathname === METADATA_PATH || pathname.startsWith(`${METADATA_PATH}/`);
}
