import { MAX_TIMER_MS } from "../core/deadline.ts";
import { misconfigured } from "./failures.ts";

/**
 * Checks an option that is a duration.
 *
 * @throws {ClerkCliAuthError} `config` when it is not a positive number of milliseconds, or more than a timer takes.
 */
export function assertDuration(value: unknown, name: string): void {
  if (typeof value === "number" && value > 0 && value <= MAX_TIMER_MS) return;
  throw misconfigured(
    `'${name}' must be a positive number of milliseconds, at most ${MAX_TIMER_MS}: got ${String(value)}`,
  );
}
