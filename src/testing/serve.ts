import { isLoopback } from "../core/issuer.ts";
import { applyFault, type FaultQueue } from "./faults.ts";
import { clerkErrorResponse, type IncomingRequest, isForm, Problem, readIncomingRequest } from "./http.ts";
import type { Instance } from "./instance.ts";

interface EmulatorFetchOptions<Endpoint extends string> {
  instance: Instance;
  routes: readonly Route<Endpoint>[];
  faults: FaultQueue<Endpoint>;
  /** The log of requests. */
  requests: EmulatorRequest<Endpoint>[];
}

/** How many requests the log keeps: an emulator may run for days. */
const MAX_REQUESTS = 10_000;

/**
 * Creates the fetch handler of an emulator.
 *
 * @returns The handler. Its `closing` signal aborts when the server closes.
 */
export function createEmulatorFetch<Endpoint extends string>(
  options: EmulatorFetchOptions<Endpoint>,
): (request: Request, closing?: AbortSignal) => Promise<Response> {
  return async (request, closing) => {
    const signal = closing ?? request.signal; // Deno would warn about the signal of a request that it serves.
    const response = await respond(request, signal, options);
    response.headers.set("X-Emulator", "@clerk/cli-auth (not Clerk)");
    return response;
  };
}

async function respond<Endpoint extends string>(
  request: Request,
  signal: AbortSignal,
  { instance, routes, faults, requests }: EmulatorFetchOptions<Endpoint>,
): Promise<Response> {
  if (!isForThisMachine(request)) {
    const message = "The emulator accepts requests to loopback hosts only";
    return clerkErrorResponse(421, { code: "misdirected_request", message });
  }
  const incoming = await readIncomingRequest(request);
  if (!incoming) {
    return clerkErrorResponse(413, { code: "request_too_large", message: "The body is too large" });
  }
  const match = findRoute(routes, incoming.url.pathname);
  const entry = createLogEntry(incoming, { endpoint: match?.route.endpoint, at: instance.now() });
  requests.push(entry);
  if (requests.length > MAX_REQUESTS) requests.shift();
  const fault = match && faults.take(match.route.endpoint);
  const handle = () => handleRequest(match, { request: incoming, instance });
  const response = fault ? await applyFault(fault, handle, { signal }) : await handle();
  entry.status = response.status;
  return response;
}

async function handleRequest<Endpoint extends string>(
  match: RouteMatch<Endpoint> | undefined,
  context: { request: IncomingRequest; instance: Instance },
): Promise<Response> {
  if (!match) {
    return clerkErrorResponse(404, { code: "resource_not_found", message: "There is nothing at this path" });
  }
  try {
    return await respondByRoute(match, context);
  } catch (error) {
    if (error instanceof Problem) return error.response();
    throw error;
  }
}

/** A web page elsewhere could reach a loopback server under a host name of its own (DNS rebinding). */
function isForThisMachine(request: Request): boolean {
  const host = request.headers.get("host");
  return isLoopbackUrl(request.url) && (host === null || isLoopbackUrl(`http://${host}`));
}

/** Deno and Bun copy the `Host` header into the request's URL, which may then be invalid. */
function isLoopbackUrl(url: string): boolean {
  return URL.canParse(url) && isLoopback(new URL(url).hostname);
}

/** A logged request. Nothing is redacted, because this is a test tool. */
export interface EmulatorRequest<Endpoint extends string = string> {
  /** The endpoint; `undefined` if the path has none. */
  readonly endpoint: Endpoint | undefined;
  /** The method. */
  readonly method: string;
  /** The path. */
  readonly path: string;
  /** The query parameters. The last value of a repeated one counts. */
  readonly query: Readonly<Record<string, string>>;
  /** The headers, by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** The form parameters, empty if the body is not a form. The last value of a repeated one counts. */
  readonly form: Readonly<Record<string, string>>;
  /** The body as text. */
  readonly body: string;
  /** When the request arrived, in Unix milliseconds. */
  readonly at: number;
  /** The status of the response; `undefined` until it is sent. */
  readonly status: number | undefined;
}

/** A log entry without a response yet. */
interface OpenLogEntry<Endpoint extends string> extends EmulatorRequest<Endpoint> {
  status: number | undefined;
}

function createLogEntry<Endpoint extends string>(
  request: IncomingRequest,
  { endpoint, at }: { endpoint: Endpoint | undefined; at: number },
): OpenLogEntry<Endpoint> {
  const { method, url, headers, body } = request;
  return {
    endpoint,
    method,
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: Object.fromEntries(headers),
    form: isForm(request) ? Object.fromEntries(new URLSearchParams(body)) : {},
    body,
    at,
    status: undefined,
  };
}

/** The values of a path's `:name` segments. */
export type PathParameters = Readonly<Record<string, string>>;

/** Handles one method of a route. */
export type Handler = (
  request: IncomingRequest,
  instance: Instance,
  parameters: PathParameters,
) => Response | Promise<Response>;

/** A path of the emulator. */
export interface Route<Endpoint extends string = string> {
  /** The name of the endpoint in faults and the request log. */
  readonly endpoint: Endpoint;
  /** The path; segments that start with a colon match any text. */
  readonly path: string;
  readonly methods: Readonly<Partial<Record<"GET" | "POST" | "PATCH" | "DELETE", Handler>>>;
}

interface RouteMatch<Endpoint extends string> {
  readonly route: Route<Endpoint>;
  readonly parameters: PathParameters;
}

function findRoute<Endpoint extends string>(
  routes: readonly Route<Endpoint>[],
  path: string,
): RouteMatch<Endpoint> | undefined {
  for (const route of routes) {
    const parameters = matchPath(route.path, path);
    if (parameters) return { route, parameters };
  }
  return undefined;
}

/** Handles a request by its route. `HEAD` works like `GET` without the body; unsupported methods get 405. */
async function respondByRoute<Endpoint extends string>(
  { route, parameters }: RouteMatch<Endpoint>,
  { request, instance }: { request: IncomingRequest; instance: Instance },
): Promise<Response> {
  const method = request.method === "HEAD" ? "GET" : request.method;
  const handler = Object.entries(route.methods).find(([name]) => name === method)?.[1];
  if (!handler) return methodNotAllowed(route);
  const response = await handler(request, instance, parameters);
  return request.method === "HEAD" ? new Response(null, response) : response;
}

function methodNotAllowed({ methods }: Route): Response {
  const names = Object.keys(methods);
  const allow = [...names.includes("GET") ? ["HEAD"] : [], ...names].join(", ");
  const message = `The method must be one of ${allow}`;
  return clerkErrorResponse(405, { code: "method_not_allowed", message, headers: { Allow: allow } });
}

function matchPath(template: string, path: string): PathParameters | undefined {
  const expected = template.split("/");
  const segments = path.split("/");
  if (expected.length !== segments.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, name] of expected.entries()) {
    const segment = segments[index] ?? "";
    if (name.startsWith(":")) parameters[name.slice(1)] = segment;
    else if (name !== segment) return undefined;
  }
  return parameters;
}
