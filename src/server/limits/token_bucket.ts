/** The options of a {@linkcode TokenBucket}. */
interface TokenBucketOptions {
  /** The most permits there can be; it starts with all of them. */
  capacity: number;
  /** How long it takes for one permit to come back, in milliseconds. */
  refillMs: number;
  /** The clock, Unix time in milliseconds. */
  now: () => number;
}

/** Permits that come back at a steady rate. */
export class TokenBucket {
  readonly #options: TokenBucketOptions;
  #permits: number;
  #countedAt: number;

  constructor(options: TokenBucketOptions) {
    this.#options = options;
    this.#permits = options.capacity;
    this.#countedAt = options.now();
  }

  /** How many permits there are. */
  get left(): number {
    this.#refill();
    return this.#permits;
  }

  /** Takes permits, as many as there are; `false` if there is none. */
  take(count = 1): boolean {
    this.#refill();
    if (this.#permits < 1) return false;
    this.#permits = Math.max(0, this.#permits - count);
    return true;
  }

  /** How long until there is a permit, in milliseconds. */
  waitMs(): number {
    this.#refill();
    return Math.max(0, Math.ceil((1 - this.#permits) * this.#options.refillMs));
  }

  #refill(): void {
    const { capacity, refillMs, now } = this.#options;
    const time = now();
    // If the clock is set back, no permit may be lost.
    const elapsed = Math.max(0, time - this.#countedAt);
    this.#permits = Math.min(capacity, this.#permits + elapsed / refillMs);
    this.#countedAt = time;
  }
}
