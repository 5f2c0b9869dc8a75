import { type ClerkCliAuthError, isClerkCliAuthError } from "../core/errors.ts";
import type { Identity } from "../core/identity.ts";
import { errorAnswer, identityAnswer, methodNotAllowed, statusOf, withoutBody } from "./answer.ts";
import { assertTokenText, bearerToken } from "./bearer.ts";
import type { ClerkClientLike } from "./clerk_client.ts";
import { failureOfApiError, isClerkApiError } from "./clerk_failure.ts";
import { classify } from "./credential.ts";
import { misconfigured } from "./failures.ts";
import type { HandleOptions } from "./handle_types.ts";
import { metadataUrl, parseResource } from "./resource.ts";
import { reportError } from "./report_error.ts";
import { assertScopes } from "./scopes.ts";
import type { TokenInfo } from "./token_info.ts";
import { acceptedTypes, assertAccepted } from "./token_type.ts";

const METHODS = ["GET", "HEAD"];

/**
 * Makes the route that a CLI asks who it is: it verifies the bearer token and answers with a JSON `Identity`.
 *
 * What goes wrong is answered by RFC 6750, section 3: 401, 403 or 400 with `WWW-Authenticate`, 405 with `Allow`, 503
 * with `Retry-After` while Clerk cannot tell, 500 when the server is set up wrongly. The body of each is
 * `{error, error_description, exit_code}`.
 *
 * @param options The verifier, and what is taken.
 * @returns The route, for every framework that speaks the Fetch API.
 * @throws {ClerkCliAuthError} `config` when `accepts` is not valid.
 *
 * @example A Next.js route handler
 * ```ts
 * import { cliAuth, handle } from "@clerk/cli-auth/server";
 *
 * const auth = cliAuth({ clientIds: ["your-oauth-client-id"] });
 *
 * export const GET = handle({ auth, accepts: ["api_key", "oauth_token"] });
 * ```
 */
export function handle<C extends ClerkClientLike>(
  options: HandleOptions<C>,
): (request: Request) => Promise<Response> {
  const { auth, accepts = "any", scopes = [], onError } = options;
  const types = acceptedTypes(accepts);
  const resource = options.resource && parseResource(options.resource);

  async function identify(token: string, request: Request): Promise<Identity> {
    const tokenInfo = await verify(token, request);
    const identity = options.resolveAuthInfo
      ? await options.resolveAuthInfo({ tokenInfo, request, clerk: await auth.getClerk() })
      : await auth.resolveAuthInfo({ tokenInfo, request });
    if (typeof identity?.sub === "string" && identity.sub !== "") return identity;
    throw misconfigured("resolveAuthInfo() gave no identity with a non-empty 'sub'");
  }

  async function verify(token: string, request: Request): Promise<TokenInfo> {
    if (!options.verifyToken) return auth.verifyToken(token, { accepts, scopes });
    assertTokenText(token);
    const { type } = classify(token);
    assertAccepted(type, types);
    const clerk = await auth.getClerk();
    const verified = await rejecting(async () =>
      await options.verifyToken?.({ token, type, request, clerk })
    );
    if (typeof verified?.subject !== "string" || verified.subject === "") {
      throw misconfigured("verifyToken() gave no token with a non-empty 'subject'");
    }
    const info = { ...verified, scopes: verified.scopes ?? [] };
    assertAccepted(info.type, types);
    assertScopes(info.scopes, scopes);
    return info;
  }

  async function answer(request: Request): Promise<Response> {
    if (!METHODS.includes(request.method)) return methodNotAllowed(METHODS.join(", "));
    let token: string | undefined;
    try {
      token = bearerToken(request);
      return identityAnswer(await identify(token, request));
    } catch (cause) {
      const error = ours(cause);
      if (statusOf(error) >= 500) await reportError(cause, { request }, onError);
      return errorAnswer(error, {
        scopes,
        hasToken: token !== undefined,
        metadataUrl: resource && metadataUrl(resource, request),
      });
    }
  }

  return async (request) => withoutBody(await answer(request), request);
}

/** Runs a verifier of the caller's own: what Clerk's API says about the token through it counts as its verdict. */
async function rejecting<T>(verify: () => Promise<T>): Promise<T> {
  try {
    return await verify();
  } catch (error) {
    throw isClerkApiError(error) ? failureOfApiError(error) : error;
  }
}

function ours(cause: unknown): ClerkCliAuthError {
  if (isClerkCliAuthError(cause)) return cause;
  const failure = isClerkApiError(cause) ? failureOfApiError(cause) : undefined;
  if (failure?.code === "unavailable") return failure;
  return misconfigured("The request could not be answered", { cause });
}
