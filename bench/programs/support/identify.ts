import { cliAuth, handle, type NodeRequest } from "@clerk/cli-auth/server";
import { importSPKI, jwtVerify } from "npm:jose@6.2.18";
import type { InstanceFile } from "../../instance.ts";

/** Returns the subject of the token of a request, which is in its `Authorization` header. */
export type Identify = (authorization: string, request: Request | NodeRequest) => string | Promise<string>;

export type Handler = (request: Request) => Response | Promise<Response>;

/** Ways to tell who sends a request, by the path under which a server offers them. */
export interface Identifiers {
  identify: Readonly<Record<string, Identify>>;
  /** `handle()`, which responds by itself. */
  handler: Handler;
}

/** Headers of the response with the subject. */
export const HEADERS = { "content-type": "application/json", "cache-control": "no-store" };

const PUBLISHABLE_KEY = `pk_test_${btoa("clerk.example.com$")}`;

/** This package, `authenticateRequest()`, jose, and `/bare`, which checks nothing. */
export function identifiersOf(
  { secretKey, apiUrl, jwtKey }: InstanceFile,
  { createClerkClient }: typeof import("@clerk/backend"),
): Identifiers {
  const telemetry = { disabled: true };
  const clerk = createClerkClient({ secretKey, apiUrl, publishableKey: PUBLISHABLE_KEY, telemetry });
  const auth = cliAuth({
    clientConfig: { secretKey, apiUrl, jwtKey, telemetry },
    clientIds: "any",
    cache: { ttlMs: 3_600_000 },
  });
  const key = importSPKI(jwtKey, "RS256");
  const tokenOf = (authorization: string) => authorization.slice("Bearer ".length);
  return {
    handler: handle({ auth }),
    identify: {
      "/bare": () => "user_benchmark",
      "/authenticate": async (_authorization, request) => {
        const result = await auth.authenticate(request);
        if (!result.ok) throw new Error(`Rejected: ${await result.response.text()}`);
        return result.identity.sub;
      },
      "/own": async (authorization) => (await auth.verifyToken(tokenOf(authorization))).subject,
      "/backend": async (authorization) => {
        const request = new Request("http://localhost/", { headers: { authorization } });
        const state = await clerk.authenticateRequest(request, { acceptsToken: "oauth_token", jwtKey });
        if (!state.isAuthenticated) throw new Error(`Rejected: ${state.reason}`);
        return (state.toAuth() as { subject: string }).subject;
      },
      "/jose": async (authorization) => {
        const options = { algorithms: ["RS256"], typ: "at+jwt" };
        return (await jwtVerify(tokenOf(authorization), await key, options)).payload.sub ?? "";
      },
    },
  };
}

/** A handler for all of them, for runtimes whose servers pass a `Request`. */
export function route({ identify, handler }: Identifiers): Handler {
  return (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/handle") return handler(request);
    const subject = identify[pathname]!(request.headers.get("authorization") ?? "", request);
    const answer = (sub: string) => new Response(JSON.stringify({ sub }), { headers: HEADERS });
    return typeof subject === "string" ? answer(subject) : subject.then(answer);
  };
}
