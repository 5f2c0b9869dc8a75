import { BoundedMap } from "./by_key.ts";

/** What is known of a source, best first: a token of its was accepted, nothing, or tokens of its were only rejected. */
export const STANDINGS = ["trusted", "new", "suspect"] as const;
export type Standing = (typeof STANDINGS)[number];

/** How much of the limit on calls may end in rejections. The rest is left to good tokens, whatever happens. */
const SHARES: Record<Standing, number> = { trusted: 0.2, new: 0.55, suspect: 0.15 };
/** The most rejections at once: of all sources of a standing, and of one. */
const MAX_BURST = 64;
const MAX_SOURCE_BURST = 16;
const SOURCE_REFILL_MS = 2_000;

const REMEMBERED_MS = 10 * 60_000;
const TRUSTED_MS = 24 * 60 * 60_000;
const MAX_BYTES = 4 * 1024 * 1024;
/** The size of what is kept of a source. */
const SOURCE_BYTES = 256;

/** How many rejections there may still be. A question that is being asked can turn out to be one. */
export class Budget {
  readonly rejections: TokenBucket;
  /** The questions that are being asked. */
  asked = 0;

  constructor(rejections: TokenBucket) {
    this.rejections = rejections;
  }
}

/** Where requests come from: an address, for example. */
export class Source extends Budget {
  /** Absent for all requests whose source is unknown. */
  readonly name: string | undefined;
  standing: Standing = "new";
  /** The questions that wait. */
  waiting = 0;

  constructor(name: string | undefined, rejections: TokenBucket) {
    super(rejections);
    this.name = name;
  }
}

/** What {@linkcode Sources} need. */
interface SourcesOptions {
  /** How many calls Clerk accepts within `windowMs`. */
  limit: number;
  windowMs: number;
  /** The clock, Unix time in milliseconds. */
  now: () => number;
}

/**
 * Charges rejections to where they come from: to the source, and to all sources of its standing together. So a source
 * that sends junk exhausts its own budget, and many of them exhaust that of suspects.
 */
export class Sources {
  readonly #options: SourcesOptions;
  readonly #trusted: BoundedMap<Source>;
  readonly #others: BoundedMap<Source>;
  readonly #totals: Record<Standing, Budget>;
  readonly #unnamed: Source;

  constructor(options: SourcesOptions) {
    const { limit, windowMs, now } = options;
    this.#options = options;
    this.#trusted = new BoundedMap({ maxBytes: MAX_BYTES, now });
    this.#others = new BoundedMap({ maxBytes: MAX_BYTES, now });
    const total = (standing: Standing) => {
      const share = limit * SHARES[standing];
      const capacity = Math.min(MAX_BURST, share / 2);
      return new Budget(new TokenBucket({ capacity, refillMs: windowMs / (share - capacity), now }));
    };
    this.#unnamed = new Source(undefined, new TokenBucket({ capacity: 0, refillMs: Infinity, now }));
    this.#totals = { trusted: total("trusted"), new: total("new"), suspect: total("suspect") };
  }

  /** The source of that name. */
  find(name: string | undefined): Source {
    if (name === undefined) return this.#unnamed;
    const { limit, now } = this.#options;
    const trusted = this.#trusted.get(name);
    if (trusted) return trusted;
    const capacity = Math.min(MAX_SOURCE_BURST, limit / 20);
    const source = this.#others.get(name) ??
      new Source(name, new TokenBucket({ capacity, refillMs: SOURCE_REFILL_MS, now }));
    this.#others.set(name, source, { bytes: SOURCE_BYTES, expiresAt: now() + REMEMBERED_MS });
    return source;
  }

  /** The budgets that a rejection is charged to. Requests without a source share that of all new ones. */
  budgetsOf(source: Source): readonly Budget[] {
    const total = this.#totals[source.standing];
    return source === this.#unnamed ? [total] : [source, total];
  }

  /** Notes that a token of a source was accepted or rejected. */
  note(source: Source, isAccepted: boolean): void {
    const { name, standing } = source;
    if (name === undefined) return;
    if (isAccepted) {
      source.standing = "trusted";
      this.#others.delete(name);
      this.#trusted.set(name, source, { bytes: SOURCE_BYTES, expiresAt: this.#options.now() + TRUSTED_MS });
    } else if (standing === "new") {
      source.standing = "suspect";
    }
  }
}

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
