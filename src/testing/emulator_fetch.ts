import { isLoopback } from "../core/issuer.ts";
import { clerkErrorAnswer } from "./answers.ts";
import { applyFault } from "./apply_fault.ts";
import type { FaultQueue } from "./faults.ts";
import { type IncomingRequest, readIncomingRequest } from "./incoming_request.ts";
import type { Instance } from "./instance.ts";
import { Problem } from "./problems.ts";
import { createLogEntry, type EmulatorRequest } from "./request_log.ts";
import { answerByRoute, findRoute, type Route, type RouteMatch } from "./routes.ts";

/** What the fetch handler works on. */
export interface EmulatorFetchOptions<Endpoint extends string> {
  instance: Instance;
  routes: readonly Route<Endpoint>[];
  faults: FaultQueue<Endpoint>;
  /** Where every request is noted. */
  requests: EmulatorRequest<Endpoint>[];
}

/**
 * Makes the fetch handler of an emulator.
 *
 * @returns The handler; its `closing` aborts when the server that it answers for closes.
 */
export function createEmulatorFetch<Endpoint extends string>(
  options: EmulatorFetchOptions<Endpoint>,
): (request: Request, closing?: AbortSignal) => Promise<Response> {
  return async (request, closing) => {
    const signal = closing ? AbortSignal.any([closing, request.signal]) : request.signal;
    const response = await answer(request, signal, options);
    response.headers.set("X-Emulator", "@clerk/cli-auth (not Clerk)");
    return response;
  };
}

async function answer<Endpoint extends string>(
  request: Request,
  signal: AbortSignal,
  { instance, routes, faults, requests }: EmulatorFetchOptions<Endpoint>,
): Promise<Response> {
  if (!isForThisMachine(request)) {
    const message = "The emulator answers requests to loopback hosts only";
    return clerkErrorAnswer(421, { code: "misdirected_request", message });
  }
  const incoming = await readIncomingRequest(request);
  if (!incoming) {
    return clerkErrorAnswer(413, { code: "request_too_large", message: "The body is too large" });
  }
  const match = findRoute(routes, incoming.url.pathname);
  const entry = createLogEntry(incoming, { endpoint: match?.route.endpoint, at: instance.now() });
  requests.push(entry);
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
    return clerkErrorAnswer(404, { code: "resource_not_found", message: "There is nothing at this path" });
  }
  try {
    return await answerByRoute(match, context);
  } catch (error) {
    if (error instanceof Problem) return error.answer();
    throw error;
  }
}

/** A foreign `Host` is how a web page elsewhere would reach a server on loopback (DNS rebinding). */
function isForThisMachine(request: Request): boolean {
  const host = request.headers.get("host");
  return isLoopbackUrl(request.url) && (host === null || isLoopbackUrl(`http://${host}`));
}

/** Deno and Bun put whatever stands in `Host` into the address of a request, which then may be none. */
function isLoopbackUrl(url: string): boolean {
  return URL.canParse(url) && isLoopback(new URL(url).hostname);
}
