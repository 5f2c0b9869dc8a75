import type { ClerkClientLike } from "./clerk_client.ts";
import type { Credential } from "./credential.ts";
import { isRejection, NO_SUBJECT } from "./failures.ts";
import { verifyPlainly } from "./plain_verification.ts";
import { UnavailableError } from "./unavailable.ts";

/**
 * Makes sure that an answer 200 without a subject is Clerk's word: `authenticateRequest` takes the page of a proxy for
 * the same, and that says nothing of the token.
 *
 * @returns The error to answer with.
 */
export async function confirmRejection(
  error: unknown,
  clerk: ClerkClientLike,
  credential: Credential,
): Promise<unknown> {
  if (!isRejection(error) || error.message !== NO_SUBJECT) return error;
  const answer = await verifyPlainly(clerk, credential).catch(() => undefined);
  return typeof answer === "string"
    ? new UnavailableError("Clerk's answer was no JSON", { cause: error })
    : error;
}
