import { isClerkCliAuthError } from "../../core/errors.ts";
import { isRateLimit, isRejection, UnavailableError } from "../failures.ts";

/** What a {@linkcode Breaker} needs. */
interface BreakerOptions {
  /** How long a call takes at most, in milliseconds. */
  timeoutMs: number;
  /** The clock, Unix time in milliseconds. */
  now: () => number;
}

/** A failure of one token may be its own. */
const MIN_FAILED = 5;
const MIN_WAIT_MS = 1_000;
const MAX_WAIT_MS = 10_000;

/**
 * Stops calls to what fails: once calls about five different tokens have failed, and none has succeeded in between, only
 * one call is made now and then, until one succeeds.
 */
export class Breaker {
  readonly #options: BreakerOptions;
  /** The tokens about which calls failed since the last success. */
  readonly #failed = new Set<string>();
  #error: unknown;
  /** How many times in a row it was found failing; 0 while calls are made. */
  #openings = 0;
  #nextAt = 0;

  constructor(options: BreakerOptions) {
    this.#options = options;
  }

  /**
   * Makes a call about a token.
   *
   * @param refuse What to do instead if this is no moment for a call. It is told the last failure, and how long to wait in
   * milliseconds.
   * @throws {ClerkCliAuthError} `unavailable` if this is no moment for a call, or the last failure if that was `config`;
   * what `call` throws.
   */
  async run<T>(
    token: string,
    call: () => Promise<T>,
    refuse: (error: unknown, waitMs: number) => T = unavailable,
  ): Promise<T> {
    const { now, timeoutMs } = this.#options;
    const isTrial = this.#openings > 0;
    if (isTrial) {
      const waitMs = this.#nextAt - now();
      if (waitMs > 0) return refuse(this.#error, waitMs);
      // Nobody else, until this call has ended.
      this.#nextAt = now() + timeoutMs;
    }
    try {
      const result = await call();
      this.#close();
      return result;
    } catch (error) {
      // Who rejects a token or says that we ask too often is not failing.
      if (isRejection(error) || isRateLimit(error)) this.#close();
      else this.#fail(token, { error, isTrial });
      throw error;
    }
  }

  #close(): void {
    this.#failed.clear();
    this.#openings = 0;
  }

  #fail(token: string, { error, isTrial }: { error: unknown; isTrial: boolean }): void {
    this.#error = error;
    if (this.#failed.size < MIN_FAILED) this.#failed.add(token);
    // Calls that began before it was found failing say nothing new.
    const isNews = isTrial || this.#openings === 0;
    if (this.#failed.size < MIN_FAILED || !isNews) return;
    const waitMs = Math.min(MAX_WAIT_MS, MIN_WAIT_MS * 2 ** this.#openings++);
    // So that not all processes try at the same time.
    this.#nextAt = this.#options.now() + waitMs * (0.5 + Math.random() / 2);
  }
}

function unavailable(error: unknown, waitMs: number): never {
  if (isClerkCliAuthError(error) && error.code === "config") throw error;
  throw new UnavailableError("Clerk is failing", { retryAfterMs: waitMs, cause: error });
}
