import { isRejection, UnavailableError } from "../failures.ts";
import { BoundedMap } from "./bounded_map.ts";
import { TokenBucket } from "./token_bucket.ts";

const CAPACITY = 200;
const REFILL_MS = 50;
const FAMILIAR_MS = 60 * 60_000;
const FAMILIAR_BYTES = 2 * 1024 * 1024;

/**
 * Bounds how many tokens that were never accepted here may be asked about: 200 at once, and 20 a second as long as
 * Clerk rejects them. Random tokens are thus not passed on to Clerk without limit, while those that were accepted
 * before are not held up by them.
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
   * Has a token verified, unless too many unknown ones were rejected lately.
   *
   * @throws {ClerkCliAuthError} `unavailable` when there were, else what `verify` throws.
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
