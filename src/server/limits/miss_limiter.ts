import { isRejection, UnavailableError } from "../failures.ts";
import { BoundedMap } from "./bounded_map.ts";
import { TokenBucket } from "./token_bucket.ts";

const CAPACITY = 200;
const REFILL_MS = 50;
const FAMILIAR_MS = 60 * 60_000;
const FAMILIAR_BYTES = 2 * 1024 * 1024;

/**
 * Limits how often Clerk is asked about tokens that were never accepted here: 200 at once, then 20 a second while Clerk
 * rejects them. So random tokens do not reach Clerk without limit, and do not hold up tokens that were accepted before.
 */
export class MissLimiter {
  readonly #now: () => number;
  readonly #misses: TokenBucket;
  readonly #familiar: BoundedMap<true>;

  constructor(now: () => number) {
    this.#now = now;
    this.#misses = new TokenBucket({ capacity: CAPACITY, refillMs: REFILL_MS, now });
    this.#familiar = new BoundedMap({ maxBytes: FAMILIAR_BYTES, now });
  }

  /**
   * Verifies a token, unless too many unknown ones were rejected recently.
   *
   * @throws {ClerkCliAuthError} `unavailable` if there were, else what `verify` throws.
   */
  async guard<T>(token: string, verify: () => Promise<T>): Promise<T> {
    const isFamiliar = this.#familiar.get(token) === true;
    if (!isFamiliar && !this.#misses.take()) {
      throw new UnavailableError("Too many unknown tokens were rejected lately", {
        retryAfterMs: this.#misses.waitMs(),
      });
    }
    try {
      const result = await verify();
      this.#familiar.set(token, true, { bytes: 0, expiresAt: this.#now() + FAMILIAR_MS });
      if (!isFamiliar) this.#misses.giveBack();
      return result;
    } catch (error) {
      if (isRejection(error)) this.#familiar.delete(token);
      else if (!isFamiliar) this.#misses.giveBack();
      throw error;
    }
  }
}
