import { methodNotAllowed, withoutBody } from "./answer.ts";
import type { ClerkClientLike } from "./clerk_client.ts";
import type { CliAuth } from "./cli_auth_types.ts";
import { failureAnswer } from "./failure_answer.ts";
import type { HandleOptions } from "./handle_types.ts";

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
    return withoutBody(
      await failureAnswer(cause, request, { onError, scopes: [], hasToken: false }),
      request,
    );
  }
  return withoutBody(Response.json({ status: "ok" }, { headers: { "cache-control": "no-store" } }), request);
}
