import { misconfigured } from "../failures.ts";
import { assertKnownOptions, type OptionNames } from "../options.ts";
import { STATUS_CODE } from "@std/http/status";

/** The web pages that may call the handler from another origin. */
export interface CorsOptions {
  /** Their origins, such as `https://app.example.com`; never `*`. */
  origins: readonly string[];
}

const CORS_OPTIONS: OptionNames<CorsOptions> = { origins: true };
const MAX_AGE_SECONDS = "600";

/**
 * Wraps a handler so that pages on the given origins can call it (Fetch standard, "CORS protocol").
 *
 * @throws {ClerkCliAuthError} `config` if an entry is not an origin.
 */
export function withCors<Rest extends unknown[]>(
  handler: (request: Request, ...rest: Rest) => Promise<Response>,
  options: CorsOptions,
): (request: Request, ...rest: Rest) => Promise<Response> {
  assertKnownOptions(options, CORS_OPTIONS, "'cors'");
  const { origins } = options;
  for (const origin of origins) assertOrigin(origin);

  return async (request, ...rest) => {
    const origin = request.headers.get("origin");
    const isAllowed = origin !== null && origins.includes(origin);
    const response = isPreflight(request) ? preflightResponse(isAllowed) : await handler(request, ...rest);
    response.headers.append("vary", "Origin");
    if (isAllowed) {
      response.headers.set("access-control-allow-origin", origin);
      response.headers.set("access-control-expose-headers", "WWW-Authenticate, Retry-After");
    }
    return response;
  };
}

function isPreflight({ method, headers }: Request): boolean {
  return method === "OPTIONS" && headers.has("origin") && headers.has("access-control-request-method");
}

function preflightResponse(isAllowed: boolean): Response {
  const allowed = {
    "access-control-allow-methods": "GET, HEAD",
    "access-control-allow-headers": "Authorization",
    "access-control-max-age": MAX_AGE_SECONDS,
  };
  return new Response(null, { status: STATUS_CODE.NoContent, headers: isAllowed ? allowed : {} });
}

function assertOrigin(origin: string): void {
  if (URL.canParse(origin) && new URL(origin).origin === origin) return;
  throw misconfigured(`'cors.origins' must list origins such as "https://app.example.com": got "${origin}"`);
}
