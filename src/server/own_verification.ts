import { cleanCause } from "../core/clean_cause.ts";
import type { ClerkCliAuthError } from "../core/errors.ts";
import type { ClerkClientLike } from "./clerk_client.ts";
import { failureOfApiError, isClerkApiError } from "./clerk_failure.ts";
import type { OpaqueCredential } from "./credential.ts";
import { invalidToken, misconfigured } from "./failures.ts";
import { verifyPlainly } from "./plain_verification.ts";
import { type TokenInfo, tokenInfo } from "./token_info.ts";
import { UnavailableError } from "./unavailable.ts";

/** What goes with a verification. */
export interface OwnVerificationOptions {
  /** The audiences to accept for an OAuth access token. */
  audience?: readonly string[] | undefined;
  /** What is sent to Clerk in confidence besides the token. */
  secrets: readonly string[];
}

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
  options: OwnVerificationOptions,
): Promise<TokenInfo> {
  const answer = await answerOf(clerk, credential, options);
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
  { audience, secrets }: OwnVerificationOptions,
): Promise<unknown> {
  try {
    return await verifyPlainly(clerk, credential, audience);
  } catch (error) {
    throw failureOf(error, [credential.token, ...secrets]);
  }
}

function failureOf(error: unknown, secrets: readonly string[]): ClerkCliAuthError {
  if (isClerkApiError(error)) return failureOfApiError(error, secrets);
  const cause = cleanCause(error, secrets);
  // How the client says so.
  const isForAnother = (error as { reason?: unknown } | null)?.reason === "token-verification-failed";
  if (isForAnother) return invalidToken("The token is meant for another audience", cause);
  return misconfigured("The Clerk client failed to verify a token", { cause });
}
