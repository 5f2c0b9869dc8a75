import { BoundedMap } from "./bounded_map.ts";
import { TokenBucket } from "./token_bucket.ts";

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

class Source extends Budget {
  standing: Standing = "new";
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
    this.#totals = { trusted: total("trusted"), new: total("new"), suspect: total("suspect") };
  }

  /** What is known of a source. Requests without one count as new. */
  standingOf(name: string | undefined): Standing {
    return name === undefined ? "new" : this.#find(name).standing;
  }

  /** The budgets that a rejection is charged to. Requests without a source share that of all new ones. */
  budgetsOf(name: string | undefined): Budget[] {
    if (name === undefined) return [this.#totals.new];
    const source = this.#find(name);
    return [source, this.#totals[source.standing]];
  }

  /** Notes that a token of a source was accepted or rejected. */
  note(name: string, isAccepted: boolean): void {
    const source = this.#find(name);
    if (isAccepted) {
      source.standing = "trusted";
      this.#others.delete(name);
      this.#trusted.set(name, source, { bytes: SOURCE_BYTES, expiresAt: this.#options.now() + TRUSTED_MS });
    } else if (source.standing === "new") {
      source.standing = "suspect";
    }
  }

  #find(name: string): Source {
    const { limit, now } = this.#options;
    const trusted = this.#trusted.get(name);
    if (trusted) return trusted;
    const capacity = Math.min(MAX_SOURCE_BURST, limit / 20);
    const source = this.#others.get(name) ??
      new Source(new TokenBucket({ capacity, refillMs: SOURCE_REFILL_MS, now }));
    this.#others.set(name, source, { bytes: SOURCE_BYTES, expiresAt: now() + REMEMBERED_MS });
    return source;
  }
}
