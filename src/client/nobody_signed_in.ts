import { ClerkCliAuthError } from "../core/errors.ts";

/** The error of a login that nobody has answered in time. */
export function nobodySignedIn(timeoutMs: number, besides = ""): ClerkCliAuthError {
  return new ClerkCliAuthError("timeout", `Nobody signed in within ${timeoutMs} ms${besides}`, {
    action: "Start the login again",
    retryable: true,
  });
}
