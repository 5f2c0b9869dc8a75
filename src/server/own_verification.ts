import { cleanCause } from "../core/clean_cause.ts";
import type { ClerkCliAuthError } from "../core/errors.ts";
import type { ClerkClientLike } from "./clerk_client.ts";
import { failureOfApiError, isClerkApiError } from "./clerk_failure.ts";
import type { OpaqueCredential } from "./credential.ts";
import { invalidToken, misconfigured } from "./failures.ts";
import { verifyPlainly } from "./plain_verification.ts";
import { type TokenInfo, tokenInfo } from "./token_info.ts";
import { UnavailableError } from "./unavailable.ts";

/**
 * Has a client that we created verify an opaque token. `authenticateRequest` makes the same call, but keeps to itself
 * whether Clerk says that the token is revoked or expired, how long Clerk asks to wait, and whether an answer that looks
 * like a rejection was Clerk's at all.
 *
 * @throws {ClerkCliAuthError} `not_authenticated` when it is rejected, `unavailable` when Clerk cannot tell now,
 * `config` when we are set up wrongly.
 */
export async function verifyByOwnClient(
  clerk: ClerkClientLike,
  credential: OpaqueCredential,
  audience: readonly string[] | undefined,
): Promise<TokenInfo> {
  const answer = await answerOf(clerk, credential, audience);
  // The page of a proxy, or nothing.
  if (typeof answer !== "object" || answer === null) throw new UnavailableError("Clerk's answer was no JSON");
  const { subject, scopes, id, clientId, claims, revoked, expired } = answer as Record<string, unknown>;
  if (revoked === true || expired === true) throw invalidToken("The token was revoked or has expired");
  const orgId = credential.type === "api_key" && String(subject).startsWith("org_") ? subject : undefined;
  return tokenInfo(credential.type, { subject, scopes, id, clientId, orgId, claims });
}

async function answerOf(
  clerk: ClerkClientLike,
  credential: OpaqueCredential,
  audience: readonly string[] | undefined,
): Promise<unknown> {
  try {
    return await verifyPlainly(clerk, credential, audience);
  } catch (error) {
    throw failureOf(error);
  }
}

function failureOf(error: unknown): ClerkCliAuthError {
  if (isClerkApiError(error)) return failureOfApiError(error);
  // How the client says so.
  const isForAnother = (error as { reason?: unknown } | null)?.reason === "token-verification-failed";
  if (isForAnother) return invalidToken("The token is meant for another audience", error);
  return misconfigured("The Clerk client failed to verify a token", { cause: cleanCause(error, []) });
}
