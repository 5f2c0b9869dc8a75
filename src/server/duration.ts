import { misconfigured } from "./failures.ts";

/**
 * Checks an option that is a duration.
 *
 * @throws {ClerkCliAuthError} `config` when it is not a positive number of milliseconds.
 */
export function assertDuration(value: unknown, name: string): void {
  if (typeof value === "number" && value > 0 && Number.isFinite(value)) return;
  throw misconfigured(`'${name}' must be a positive number of milliseconds: got ${String(value)}`);
}
