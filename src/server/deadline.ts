import { UnavailableError } from "./unavailable.ts";

/**
 * Waits for a call to Clerk, or to `whom`, no longer than its deadline. The call itself cannot be stopped: nothing waits
 * for it then.
 *
 * @throws {ClerkCliAuthError} `unavailable` at the deadline.
 */
export function withDeadline<T>(call: Promise<T>, timeoutMs: number, whom = "Clerk"): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new UnavailableError(`${whom} did not answer within ${timeoutMs} ms`));
    }, timeoutMs);
    call.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
