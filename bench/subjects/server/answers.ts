import { cliAuth, handle } from "@clerk/cli-auth/server";
import { importSPKI, jwtVerify } from "npm:jose@6.2.18";
import type { InstanceFile } from "../../measure/instance.ts";

/** A handler of requests. */
export type Handler = (request: Request) => Response | Promise<Response>;

/** The paths under which each handler answers. */
export type Handlers = Record<string, Handler>;

type Backend = typeof import("@clerk/backend");

const PUBLISHABLE_KEY = `pk_test_${btoa("clerk.example.com$")}`;

/** `handle()`, the same by hand with `authenticateRequest` and with jose, and an answer without any question. */
export function makeHandlers(
  { secretKey, apiUrl, jwtKey }: InstanceFile,
  { createClerkClient }: Backend,
): Handlers {
  const telemetry = { disabled: true };
  const clerk = createClerkClient({ secretKey, apiUrl, publishableKey: PUBLISHABLE_KEY, telemetry });
  const key = importSPKI(jwtKey, "RS256");
  return {
    "/floor": () => answer("user_benchmark"),
    "/own": handle({ auth: cliAuth({ clientConfig: { secretKey, apiUrl, jwtKey, telemetry } }) }),
    "/backend": async (request) => {
      const state = await clerk.authenticateRequest(request, { acceptsToken: "oauth_token", jwtKey });
      if (!state.isAuthenticated) return new Response(null, { status: 401 });
      return answer((state.toAuth() as { subject: string }).subject);
    },
    "/jose": async (request) => {
      const token = request.headers.get("authorization")?.slice("Bearer ".length) ?? "";
      const options = { algorithms: ["RS256"], typ: "at+jwt" };
      const verified = await jwtVerify(token, await key, options).catch(() => undefined);
      return verified ? answer(verified.payload.sub ?? "") : new Response(null, { status: 401 });
    },
  };
}

function answer(subject: string): Response {
  return Response.json({ sub: subject }, { headers: { "cache-control": "no-store" } });
}

/** The handler of them all. */
export function route(handlers: Handlers): Handler {
  return (request) =>
    handlers[new URL(request.url).pathname]?.(request) ?? new Response(null, { status: 404 });
}
