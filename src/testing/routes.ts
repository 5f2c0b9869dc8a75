import { clerkErrorAnswer } from "./answers.ts";
import type { IncomingRequest } from "./incoming_request.ts";
import type { Instance } from "./instance.ts";

/** The values of a path's `:name` segments. */
export type PathParameters = Readonly<Record<string, string>>;

/** Answers one kind of request. */
export type Handler = (
  request: IncomingRequest,
  instance: Instance,
  parameters: PathParameters,
) => Response | Promise<Response>;

/** A path of the emulator. */
export interface Route<Endpoint extends string = string> {
  /** What the endpoint is called in faults and in the log of requests. */
  readonly endpoint: Endpoint;
  /** Segments that begin with a colon match any text. */
  readonly path: string;
  readonly methods: Readonly<Partial<Record<"GET" | "POST" | "PATCH" | "DELETE", Handler>>>;
}

/** A route that matches a path. */
export interface RouteMatch<Endpoint extends string> {
  readonly route: Route<Endpoint>;
  readonly parameters: PathParameters;
}

/** Finds the route of a path. */
export function findRoute<Endpoint extends string>(
  routes: readonly Route<Endpoint>[],
  path: string,
): RouteMatch<Endpoint> | undefined {
  for (const route of routes) {
    const parameters = matchPath(route.path, path);
    if (parameters) return { route, parameters };
  }
  return undefined;
}

/** Answers by a route: `HEAD` as `GET` without the body, any other method that it lacks by 405. */
export async function answerByRoute<Endpoint extends string>(
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
  return clerkErrorAnswer(405, { code: "method_not_allowed", message, headers: { Allow: allow } });
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
