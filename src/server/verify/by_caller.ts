import type { ClerkClientLike } from "../clerk/client.ts";
import { failureOfApiError, isClerkApiError } from "../clerk/failures.ts";
import { misconfigured } from "../failures.ts";
import { assertAccepted, classify, type TokenType } from "../token/credential.ts";
import { assertScopes } from "../token/verified_token.ts";
import type { CliAuth, TokenInfo, VerifiedToken, VerifyTokenContext, VerifyTokenFn } from "../types.ts";

/** What the caller's verifier is given, and what its verdict must satisfy. */
interface VerifyByCallerOptions<C extends ClerkClientLike> {
  token: string;
  request: Request;
  auth: CliAuth<C>;
  types: readonly TokenType[];
  scopes: readonly string[];
}

/**
 * Lets the caller's own verifier verify a token.
 *
 * @throws {ClerkCliAuthError} What the verifier throws; `not_authenticated` and `insufficient_scope` if its verdict
 * is not enough; `config` if it returns none.
 */
export async function verifyByCaller<C extends ClerkClientLike>(
  verifyToken: VerifyTokenFn<C>,
  { token, request, auth, types, scopes }: VerifyByCallerOptions<C>,
): Promise<TokenInfo> {
  const { type } = classify(token, types);
  const verified = await verdictOf(verifyToken, { token, type, request, clerk: await auth.getClerk() });
  if (typeof verified?.subject !== "string" || verified.subject === "") {
    throw misconfigured("verifyToken() gave no token with a non-empty 'subject'");
  }
  const granted = verified.scopes ?? [];
  // In a string, one scope would be found within another.
  if (!Array.isArray(granted)) throw misconfigured("verifyToken() gave 'scopes' that are no list");
  const info = { ...verified, type: verified.type ?? type, scopes: granted };
  assertAccepted(info.type, types);
  assertScopes(info.scopes, scopes);
  return info;
}

// An error of Clerk's API that the verifier lets through counts as its verdict.
async function verdictOf<C extends ClerkClientLike>(
  verifyToken: VerifyTokenFn<C>,
  context: VerifyTokenContext<C>,
): Promise<VerifiedToken | undefined> {
  try {
    return await verifyToken(context);
  } catch (error) {
    throw isClerkApiError(error) ? failureOfApiError(error, [context.token]) : error;
  }
}
