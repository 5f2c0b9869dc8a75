import { delay } from "../../core/time.ts";
import { UnavailableError } from "../failures.ts";
import { BoundedMap, type Clock } from "./by_key.ts";

interface LimitsOptions extends Clock {
  /** How many calls Clerk accepts within ten seconds. */
  limit: number;
  /** The longest that a question takes once it starts, in milliseconds. */
  maxAgeMs: number;
}

/** A question for Clerk. */
export interface Question {
  /** The token, or a subject. */
  key: string;
  /** Where the request came from, if known. A rejection is charged to it. */
  source?: string | undefined;
  /** Whether the request's token was accepted, so that no rejection is expected. */
  isVerified?: boolean;
}

/** A question in progress. */
export interface Turn {
  readonly source: Source;
  readonly isVerified: boolean;
  /** Whether the same key was accepted before. */
  readonly isKnown: boolean;
  calls: number;
  beganAt: number;
  /** The budgets that count it. */
  budgets: readonly Budget[];
}

/** Longer than Clerk's ten seconds, in case the network delays earlier calls into the next window. */
const WINDOW_MS = 11_000;
const MAX_IN_FLIGHT = 64;
const RECOVERY_MS = 60_000;
const MIN_SHARE = 1 / 16;

/**
 * Limits the questions to Clerk. Keys that were accepted before never wait. For unknown tokens, at most 64
 * questions run at once, within Clerk's rate limit, and while not too many tokens of their source were
 * rejected.
 */
export class Limits {
  readonly #options: LimitsOptions;
  readonly #sources: Sources;
  /** The times of the latest calls to Clerk, up to its limit. */
  readonly #calls: number[] = [];
  /** In the order in which they started. */
  readonly #turns = new Set<Turn>();
  #unknownTurns = 0;
  /** When Clerk may be asked again about known and unknown tokens. */
  readonly #pausedUntil = { known: -Infinity, unknown: -Infinity };
  #reduced = { to: 1, at: -Infinity };

  constructor(options: LimitsOptions) {
    this.#options = options;
    this.#sources = new Sources(options);
  }

  turn({ source, isVerified = false }: Question, isKnown: boolean): Turn {
    return {
      source: this.#sources.find(source),
      isVerified,
      isKnown,
      calls: 0,
      beganAt: 0,
      budgets: [],
    };
  }

  /** Returns whether a question may start now, or an error if too many tokens were rejected. */
  judge(turn: Turn): boolean | UnavailableError {
    if (turn.isKnown) return true;
    const budgets = this.#budgetsOf(turn);
    const spent = budgets.find(({ rejections }) => rejections.left < 1);
    if (spent) {
      return new UnavailableError("Too many unknown tokens were rejected lately", {
        retryAfterMs: spent.rejections.waitMs(),
      });
    }
    return this.hasRoom() && budgets.every(({ rejections, asked }) => rejections.left - asked >= 1);
  }

  /** Reports whether a question about an unknown token may start. */
  hasRoom(): boolean {
    const { now, maxAgeMs } = this.#options;
    for (const turn of this.#turns) {
      if (now() - turn.beganAt < maxAgeMs) break;
      // In a Worker, a question never ends if its request is cancelled.
      this.end(turn);
    }
    return this.#unknownTurns < MAX_IN_FLIGHT && this.#recentCalls() < this.#allowed();
  }

  /** Returns the priority of a question; 0 is first. */
  rankOf({ isVerified, source }: Turn): number {
    return isVerified ? 0 : 1 + STANDINGS.indexOf(source.standing);
  }

  begin(turn: Turn): void {
    turn.beganAt = this.#options.now();
    this.#turns.add(turn);
    this.#reserveCall();
    if (turn.isKnown) return;
    this.#unknownTurns++;
    turn.budgets = this.#budgetsOf(turn);
    for (const budget of turn.budgets) budget.asked++;
  }

  countCall(turn: Turn): void {
    // The first call was counted when the question started.
    if (turn.calls++ > 0) this.#reserveCall();
  }

  /** Ends a question. `answer` tells whether the token is good, if known. */
  end(turn: Turn, answer?: boolean): void {
    if (!this.#turns.delete(turn)) return;
    const { source, budgets, isKnown, calls } = turn;
    if (calls === 0) this.#calls.pop();
    if (!isKnown) this.#unknownTurns--;
    for (const budget of budgets) budget.asked--;
    if (answer === undefined) return;
    if (!answer) { for (const budget of budgets) budget.rejections.take(calls); }
    this.#sources.note(source, answer);
  }

  /** Returns how long not to call Clerk after a rate limit, in milliseconds. */
  pauseMs({ isKnown }: Turn): number {
    return this.#pausedUntil[isKnown ? "known" : "unknown"] - this.#options.now();
  }

  /**
   * Records that Clerk limited us. For an unknown token, this pauses unknown tokens and halves their share of
   * the limit; for a known one, it pauses all.
   */
  slowDown({ isKnown, beganAt }: Turn, retryAfterMs: number): void {
    const now = this.#options.now();
    const paused = this.#pausedUntil;
    // Questions that started before the last reduction prove nothing new.
    if (beganAt > this.#reduced.at) this.#reduced = { to: Math.max(MIN_SHARE, this.#share() / 2), at: now };
    paused.unknown = Math.max(paused.unknown, now + retryAfterMs);
    if (isKnown) paused.known = Math.max(paused.known, now + retryAfterMs);
  }

  /** Returns how long until Clerk accepts a call about an unknown token after `others` more, in milliseconds. */
  roomMs(others: number): number {
    const index = this.#recentCalls() - this.#allowed() + others;
    const call = this.#calls[Math.min(index, this.#calls.length - 1)];
    return call === undefined ? 0 : call + WINDOW_MS - this.#options.now();
  }

  #reserveCall(): void {
    this.#calls.push(this.#options.now());
    if (this.#calls.length > this.#options.limit) this.#calls.shift();
  }

  #budgetsOf({ isVerified, source }: Turn): readonly Budget[] {
    return isVerified ? [] : this.#sources.budgetsOf(source);
  }

  #recentCalls(): number {
    const now = this.#options.now();
    // A clock that was set back must not hold anyone up.
    if ((this.#calls.at(-1) ?? now) > now) this.#calls.length = 0;
    while (this.#calls.length > 0 && this.#calls[0]! <= now - WINDOW_MS) this.#calls.shift();
    return this.#calls.length;
  }

  /** Returns how many calls within the window still allow a question about an unknown token. */
  #allowed(): number {
    return Math.floor(this.#options.limit * this.#share());
  }

  /** Halved whenever Clerk limits us, and restored within a minute. */
  #share(): number {
    const { to, at } = this.#reduced;
    return Math.min(1, to + Math.max(0, this.#options.now() - at) / RECOVERY_MS);
  }
}

/** What is known of a source, best first: a token of its was accepted, nothing, or tokens of its were only rejected. */
const STANDINGS = ["trusted", "new", "suspect"] as const;
type Standing = (typeof STANDINGS)[number];

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
interface Budget {
  readonly rejections: TokenBucket;
  /** The questions that are being asked. */
  asked: number;
}

/** Where requests come from: an address, for example. */
interface Source {
  /** Both are absent for all requests whose source is unknown. */
  readonly name?: string;
  readonly budget?: Budget;
  standing: Standing;
  /** The number of questions waiting for their turn. */
  waiting: number;
}

/**
 * Charges rejections to where they come from: to the source, and to all sources of its standing together. So a source
 * that sends junk exhausts its own budget, and many of them exhaust that of suspects.
 */
class Sources {
  readonly #options: Pick<LimitsOptions, "limit" | "now">;
  readonly #trusted: BoundedMap<Source>;
  readonly #others: BoundedMap<Source>;
  readonly #totals: Record<Standing, Budget>;
  readonly #unnamed: Source = { standing: "new", waiting: 0 };

  constructor(options: Pick<LimitsOptions, "limit" | "now">) {
    const { limit, now } = options;
    this.#options = options;
    this.#trusted = new BoundedMap({ maxBytes: MAX_BYTES, now });
    this.#others = new BoundedMap({ maxBytes: MAX_BYTES, now });
    this.#totals = Object.fromEntries(STANDINGS.map((standing) => {
      const share = limit * SHARES[standing];
      const capacity = Math.min(MAX_BURST, share / 2);
      const rejections = new TokenBucket({ capacity, refillMs: WINDOW_MS / (share - capacity), now });
      return [standing, { rejections, asked: 0 }];
    })) as Record<Standing, Budget>;
  }

  find(name: string | undefined): Source {
    if (name === undefined) return this.#unnamed;
    const { limit, now } = this.#options;
    const trusted = this.#trusted.get(name);
    if (trusted) return trusted;
    const capacity = Math.min(MAX_SOURCE_BURST, limit / 20);
    const rejections = new TokenBucket({ capacity, refillMs: SOURCE_REFILL_MS, now });
    const source = this.#others.get(name) ??
      { name, budget: { rejections, asked: 0 }, standing: "new", waiting: 0 };
    this.#others.set(name, source, { bytes: SOURCE_BYTES, expiresAt: now() + REMEMBERED_MS });
    return source;
  }

  /** The budgets that a rejection is charged to. Requests without a source share that of all new ones. */
  budgetsOf({ budget, standing }: Source): readonly Budget[] {
    const total = this.#totals[standing];
    return budget ? [budget, total] : [total];
  }

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

interface TokenBucketOptions extends Clock {
  /** The most permits there can be; it starts with all of them. */
  capacity: number;
  /** How long it takes for one permit to come back, in milliseconds. */
  refillMs: number;
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

  /** Waits for a permit and takes it. Returns `false` if another caller was faster. */
  async takeLater(): Promise<boolean> {
    await delay(this.waitMs());
    return this.take();
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
