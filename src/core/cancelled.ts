import { ClerkCliAuthError, isClerkCliAuthError } from "./errors.ts";

/** The error of a call whose caller gave it up; the signal's reason where that is one of ours already. */
export function cancelled(signal?: AbortSignal): ClerkCliAuthError {
  const cause: unknown = signal?.reason;
  return isClerkCliAuthError(cause)
    ? cause
    : new ClerkCliAuthError("cancelled", "The call was cancelled", { cause });
}
