import { insufficientScope } from "./failures.ts";

/**
 * Checks that a credential carries every scope that is required (RFC 6750, section 3.1).
 *
 * @throws {ClerkCliAuthError} `insufficient_scope` when one is missing.
 */
export function assertScopes(granted: readonly string[], required: readonly string[]): void {
  if (!required.every((scope) => granted.includes(scope))) throw insufficientScope(required);
}
