/** The options of a {@linkcode TokenBucket}. */
interface TokenBucketOptions {
  /** How many permits there are at most; it starts with all of them. */
  capacity: number;
  /** How long one permit takes to come back, in milliseconds. */
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

  /** Takes a permit; `false` when there is none. */
  take(): boolean {
    this.#refill();
    if (this.#permits < 1) return false;
    this.#permits--;
    return true;
  }

  /** Gives a permit back that turned out not to be needed. */
  giveBack(): void {
    this.#permits = Math.min(this.#options.capacity, this.#permits + 1);
  }

  /** How long it takes until there is a permit, in milliseconds. */
  waitMs(): number {
    this.#refill();
    return Math.max(0, Math.ceil((1 - this.#permits) * this.#options.refillMs));
  }

  #refill(): void {
    const { capacity, refillMs, now } = this.#options;
    const time = now();
    // A clock that was set back must not take permits away.
    const elapsed = Math.max(0, time - this.#countedAt);
    this.#permits = Math.min(capacity, this.#permits + elapsed / refillMs);
    this.#countedAt = time;
  }
}
