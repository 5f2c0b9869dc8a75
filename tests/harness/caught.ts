import { assert } from "@std/assert";
import { type ClerkCliAuthError, isClerkCliAuthError } from "../doors/core.ts";

/** Runs a task that must fail with our error, and returns that error. */
export async function caught(task: () => unknown): Promise<ClerkCliAuthError> {
  let result: unknown;
  try {
    result = await task();
  } catch (error) {
    assert(isClerkCliAuthError(error), `Expected a ClerkCliAuthError: got ${String(error)}`);
    return error;
  }
  throw new Error(`Expected a ClerkCliAuthError: got the result ${JSON.stringify(result)}`);
}

/** Everything that a log would show of an error, including its stack and causes. */
export function everythingSaidBy(error: unknown): string {
  if (!(error instanceof Error)) return JSON.stringify(error) ?? "";
  const { name, message, stack, cause } = error;
  return [name, message, stack, JSON.stringify(error), cause === undefined ? "" : everythingSaidBy(cause)]
    .join("\n");
}
