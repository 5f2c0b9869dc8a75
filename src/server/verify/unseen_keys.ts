import { isRejection, UnavailableError, UNKNOWN_KEY } from "../failures.ts";
import { TokenBucket } from "../limits/limits.ts";
import { BoundedMap, SingleFlight } from "../limits/by_key.ts";

const SEEN_MS = 5 * 60_000;
const COOLDOWN_MS = 100;
const MAX_SEARCHES = 5;
const MAX_BYTES = 256 * 1024;

/**
 * Replaces {@linkcode SigningKeys} if the client does not expose its keys. Such a client may fetch keys for
 * every unknown ID, so IDs that it has not found recently pass at a limited rate.
 */
export class UnseenKeys<T> {
  readonly #now: () => number;
  readonly #searches: TokenBucket;
  readonly #seen: BoundedMap<true>;
  readonly #firsts: SingleFlight<T>;

  constructor({ now, timeoutMs }: { now: () => number; timeoutMs: number }) {
    this.#now = now;
    this.#searches = new TokenBucket({ capacity: MAX_SEARCHES, refillMs: COOLDOWN_MS, now });
    this.#seen = new BoundedMap({ maxBytes: MAX_BYTES, now });
    this.#firsts = new SingleFlight({ maxAgeMs: timeoutMs, now });
  }

  /**
   * Verifies a JWT that names a key. While the first JWT with that key is verified, the others wait.
   *
   * @throws {ClerkCliAuthError} `unavailable` if there are too many unseen keys, or what `verify` throws.
   */
  async guard(kid: string, verify: () => Promise<T>): Promise<T> {
    if (this.#seen.get(kid)) return verify();
    let isFirst = false;
    const first = this.#firsts.run(kid, () => {
      isFirst = true;
      return this.#search(kid, verify);
    });
    if (isFirst) return first;
    // The other result says nothing about this token, only whether the key has been seen.
    await first.catch(() => {});
    return this.#seen.get(kid) ? verify() : this.#search(kid, verify);
  }

  async #search(kid: string, verify: () => Promise<T>): Promise<T> {
    // Delay a request that comes alone. Of many at once, reject some.
    if (!this.#searches.take() && !await this.#searches.takeLater()) {
      throw new UnavailableError("Too many unknown signing keys were asked for");
    }
    try {
      return this.#see(kid, await verify());
    } catch (error) {
      // Whatever else is wrong with the token, its key was found.
      throw isRejection(error) && error.message !== UNKNOWN_KEY ? this.#see(kid, error) : error;
    }
  }

  #see<R>(kid: string, result: R): R {
    this.#seen.set(kid, true, { bytes: 0, expiresAt: this.#now() + SEEN_MS });
    return result;
  }
}
