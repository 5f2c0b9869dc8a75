import type { ClerkClientLike } from "./clerk_client.ts";
import { isClerkApiError, retryAfterMsOf } from "./clerk_failure.ts";
import type { Credential } from "./credential.ts";
import { verifyPlainly } from "./plain_verification.ts";
import { UnavailableError } from "./unavailable.ts";

/** Keeps us from asking Clerk about tokens for as long as it asked us to (RFC 6585, section 4: `Retry-After`). */
export class RateLimitPause {
  readonly #now: () => number;
  #until = -Infinity;

  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * Passes when Clerk may be asked.
   *
   * @throws {ClerkCliAuthError} `unavailable` during a pause.
   */
  assertOver(): void {
    const remainingMs = this.#until - this.#now();
    if (remainingMs > 0) throw limited(remainingMs);
  }

  /**
   * Begins a pause if an error says that Clerk limits us.
   *
   * @returns The error to answer with.
   */
  begin(error: unknown): unknown {
    return isLimit(error) ? this.#begin(error, error.retryAfterMs) : error;
  }

  /**
   * Begins a pause if an error says that Clerk limits us. `authenticateRequest` does not tell for how long; the
   * client's own call about the token does, and is made once for that.
   *
   * @returns The error to answer with.
   */
  async beginFor(error: unknown, clerk: ClerkClientLike, credential: Credential): Promise<unknown> {
    if (!isLimit(error)) return error;
    return this.#begin(error, await askedRetryAfterMs(clerk, credential) ?? error.retryAfterMs);
  }

  #begin(error: UnavailableError, retryAfterMs: number): UnavailableError {
    this.#until = this.#now() + retryAfterMs;
    return limited(retryAfterMs, error);
  }
}

function isLimit(error: unknown): error is UnavailableError {
  return error instanceof UnavailableError && error.clerkStatus === 429;
}

async function askedRetryAfterMs(
  clerk: ClerkClientLike,
  credential: Credential,
): Promise<number | undefined> {
  try {
    await verifyPlainly(clerk, credential);
    return undefined;
  } catch (error) {
    return isClerkApiError(error) ? retryAfterMsOf(error) : undefined;
  }
}

function limited(retryAfterMs: number, cause?: unknown): UnavailableError {
  return new UnavailableError("Clerk limits how often it can be asked", { retryAfterMs, cause });
}
