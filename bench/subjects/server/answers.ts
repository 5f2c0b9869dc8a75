import { cliAuth, handle } from "@clerk/cli-auth/server";
import type { InstanceFile } from "../../measure/instance.ts";

/** A handler of requests. */
export type Handler = (request: Request) => Response | Promise<Response>;

/** The paths under which each handler answers. */
export type Handlers = Record<string, Handler>;

type Backend = typeof import("@clerk/backend");

const PUBLISHABLE_KEY = `pk_test_${btoa("clerk.example.com$")}`;

/** `handle()`, the same by hand with `authenticateRequest`, and an answer without any question. */
export function makeHandlers(
  { secretKey, apiUrl, jwtKey }: InstanceFile,
  { createClerkClient }: Backend,
): Handlers {
  const telemetry = { disabled: true };
  const clerk = createClerkClient({ secretKey, apiUrl, publishableKey: PUBLISHABLE_KEY, telemetry });
  return {
    "/floor": () => Response.json({ sub: "user_benchmark" }, { headers: { "cache-control": "no-store" } }),
    "/own": handle({ auth: cliAuth({ clientConfig: { secretKey, apiUrl, jwtKey, telemetry } }) }),
    "/backend": async (request) => {
      const state = await clerk.authenticateRequest(request, { acceptsToken: "oauth_token", jwtKey });
      if (!state.isAuthenticated) return new Response(null, { status: 401 });
      const { subject } = state.toAuth() as { subject: string };
      return Response.json({ sub: subject }, { headers: { "cache-control": "no-store" } });
    },
  };
}

/** The handler of them all. */
export function route(handlers: Handlers): Handler {
  return (request) =>
    handlers[new URL(request.url).pathname]?.(request) ?? new Response(null, { status: 404 });
}
