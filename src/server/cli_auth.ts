import type { ClerkClientLike } from "./clerk/client.ts";
import { CLI_AUTH_OPTIONS, createCliAuth } from "./create_cli_auth.ts";
import { envOfFactory, variablesOf } from "./env.ts";
import { assertKnownOptions } from "./options.ts";
import type { CliAuth, CliAuthOptions } from "./types.ts";

/**
 * Creates a verifier for the API keys and OAuth access tokens that a CLI sends.
 *
 * @param options A Clerk client or how to create one, and what tokens must satisfy. Without options, `CLERK_SECRET_KEY` in
 * the environment is enough.
 * @returns The verifier. Nothing is read or called before its first use.
 * @throws {ClerkCliAuthError} `config` if an option is invalid.
 *
 * @example Protect your own route
 * ```ts
 * import { cliAuth } from "@clerk/cli-auth/server";
 *
 * const auth = cliAuth({ clientIds: ["your-oauth-client-id"] });
 *
 * export async function listNotes(request: Request): Promise<Response> {
 *   const { subject } = await auth.verifyTokenFromRequest(request, { scopes: ["profile"] });
 *   return Response.json({ notes: [], of: subject });
 * }
 * ```
 */
export function cliAuth<C extends ClerkClientLike = ClerkClientLike>(
  options: CliAuthOptions<C> = {},
): CliAuth<C> {
  assertKnownOptions(options, CLI_AUTH_OPTIONS, "cliAuth()");
  return createCliAuth(options, { variable: variablesOf(options.env ?? envOfFactory()) });
}
