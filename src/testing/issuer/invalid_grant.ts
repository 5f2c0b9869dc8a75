import type { Instance } from "../instance.ts";
import { OAuthProblem } from "../problems.ts";

/** A code or refresh token that is not good, or not any more (RFC 6749, section 5.2). */
export function invalidGrant({ behavior }: Instance, description: string): OAuthProblem {
  return new OAuthProblem("invalid_grant", description, { status: behavior.invalidGrantStatus });
}
