import { isClerkCliAuthError } from "../core/errors.ts";
import { errorAnswer, methodNotAllowed, withoutBody } from "./answer.ts";
import type { ClerkClientLike } from "./clerk_client.ts";
import type { CliAuth } from "./cli_auth_types.ts";
import { misconfigured } from "./failures.ts";
import type { HandleOptions } from "./handle_types.ts";
import { reportError } from "./report_error.ts";

const METHODS = ["GET", "HEAD"];

/** Answers whether the server is configured so that it can verify tokens. Clerk is not called. */
export async function healthAnswer<C extends ClerkClientLike>(
  auth: CliAuth<C>,
  request: Request,
  onError: HandleOptions["onError"],
): Promise<Response> {
  if (!METHODS.includes(request.method)) return methodNotAllowed(METHODS.join(", "));
  try {
    await auth.getClerk();
  } catch (cause) {
    await reportError(cause, { request }, onError);
    const error = isClerkCliAuthError(cause) ? cause : misconfigured("There is no Clerk client", { cause });
    return withoutBody(errorAnswer(error, { scopes: [], hasToken: false }), request);
  }
  return withoutBody(Response.json({ status: "ok" }, { headers: { "cache-control": "no-store" } }), request);
}
