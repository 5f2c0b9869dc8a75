import { UnavailableError } from "../failures.ts";
import { type Budget, type Source, Sources, STANDINGS } from "./budgets.ts";
import { BoundedMap } from "./by_key.ts";

/** What {@linkcode Limits} need. */
interface LimitsOptions {
  /** How many calls Clerk accepts within ten seconds. */
  limit: number;
  /** How long a question can take once it is asked, in milliseconds. */
  maxAgeMs: number;
  /** The clock, Unix time in milliseconds. */
  now: () => number;
}

/** What Clerk is to be asked about. */
export interface Question {
  /** A token, or the subject of one. */
  key: string;
  /** Where the request came from, if that is known: a rejection is charged to it. */
  source?: string | undefined;
  /** Whether the request's token was accepted, so that no rejection is to be expected. */
  isVerified?: boolean;
}

/** A question on its way. */
export interface Turn {
  readonly key: string;
  readonly source: Source;
  readonly isVerified: boolean;
  /** Whether the same was accepted before. */
  readonly isKnown: boolean;
  /** The calls to Clerk. */
  calls: number;
  beganAt: number;
  /** What it was counted in when it began. */
  budgets: readonly Budget[];
}

/** Longer than the ten seconds that Clerk counts, so that calls which the network holds up do not meet the next. */
const WINDOW_MS = 11_000;
const MAX_IN_FLIGHT = 64;
const KNOWN_MS = 60 * 60_000;
const KNOWN_BYTES = 2 * 1024 * 1024;
const RECOVERY_MS = 60_000;
const MIN_SHARE = 1 / 16;

/**
 * The limits on what Clerk is asked. What was accepted before is never held up. Unknown tokens are asked about 64 at a
 * time, with no more calls than Clerk accepts, and as long as not too many of their source's were rejected.
 */
export class Limits {
  readonly #options: LimitsOptions;
  readonly #known: BoundedMap<true>;
  readonly #sources: Sources;
  /** When Clerk was called last, as many times as it accepts. */
  readonly #calls: number[] = [];
  /** In the order in which they began. */
  readonly #turns = new Set<Turn>();
  #unknownTurns = 0;
  /** Until when Clerk must not be asked about known and about unknown tokens. */
  readonly #pausedUntil = { known: -Infinity, unknown: -Infinity };
  #reduced = { to: 1, at: -Infinity };

  constructor(options: LimitsOptions) {
    const { limit, now } = options;
    this.#options = options;
    this.#known = new BoundedMap({ maxBytes: KNOWN_BYTES, now });
    this.#sources = new Sources({ limit, windowMs: WINDOW_MS, now });
  }

  /** Prepares a question. */
  turn({ key, source, isVerified = false }: Question): Turn {
    return {
      key,
      source: this.#sources.find(source),
      isVerified,
      isKnown: this.#known.get(key) === true,
      calls: 0,
      beganAt: 0,
      budgets: [],
    };
  }

  /** Whether a question can begin now (`true`) or later (`false`), or the error if too many tokens were rejected. */
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

  /** Whether anything unknown can begin. */
  hasRoom(): boolean {
    const { now, maxAgeMs } = this.#options;
    for (const turn of this.#turns) {
      if (now() - turn.beganAt < maxAgeMs) break;
      // In a Worker it belongs to a request, and never ends if that is cancelled.
      this.end(turn);
    }
    return this.#unknownTurns < MAX_IN_FLIGHT && this.#recentCalls() < this.#allowed();
  }

  /** Which questions come first, from 0 on. */
  rankOf({ isVerified, source }: Turn): number {
    return isVerified ? 0 : 1 + STANDINGS.indexOf(source.standing);
  }

  /** Begins a question. */
  begin(turn: Turn): void {
    turn.beganAt = this.#options.now();
    this.#turns.add(turn);
    this.#reserveCall();
    if (turn.isKnown) return;
    this.#unknownTurns++;
    turn.budgets = this.#budgetsOf(turn);
    for (const budget of turn.budgets) budget.asked++;
  }

  /** Counts a call to Clerk. */
  countCall(turn: Turn): void {
    // The first was reserved when it began.
    if (turn.calls++ > 0) this.#reserveCall();
  }

  /** Ends a question. The answer is whether its token is good, if there was one. */
  end(turn: Turn, answer?: boolean): void {
    if (!this.#turns.delete(turn)) return;
    const { key, source, budgets, isKnown, calls } = turn;
    if (calls === 0) this.#calls.pop();
    if (!isKnown) this.#unknownTurns--;
    for (const budget of budgets) budget.asked--;
    if (answer === undefined) return;
    if (answer) {
      this.#known.set(key, true, { bytes: 0, expiresAt: this.#options.now() + KNOWN_MS });
    } else {
      this.#known.delete(key);
      for (const budget of budgets) budget.rejections.take(calls);
    }
    this.#sources.note(source, answer);
  }

  /** How long Clerk must not be asked, in milliseconds, because it limits us. */
  pauseMs({ isKnown }: Turn): number {
    return this.#pausedUntil[isKnown ? "known" : "unknown"] - this.#options.now();
  }

  /**
   * Notes that Clerk limits us. A question about an unknown token pauses those, and halves their part of the limit; one
   * about a known token pauses all.
   */
  slowDown({ isKnown, beganAt }: Turn, retryAfterMs: number): void {
    const now = this.#options.now();
    const paused = this.#pausedUntil;
    // Those that began before the last time say nothing new.
    if (beganAt > this.#reduced.at) this.#reduced = { to: Math.max(MIN_SHARE, this.#share() / 2), at: now };
    paused.unknown = Math.max(paused.unknown, now + retryAfterMs);
    if (isKnown) paused.known = Math.max(paused.known, now + retryAfterMs);
  }

  /** How long until Clerk accepts another call about an unknown token, after so many others, in milliseconds. */
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
    // A clock that is set back must not hold anybody up.
    if ((this.#calls.at(-1) ?? now) > now) this.#calls.length = 0;
    while (this.#calls.length > 0 && this.#calls[0]! <= now - WINDOW_MS) this.#calls.shift();
    return this.#calls.length;
  }

  /** How many calls there may be within the window when an unknown token is asked about. */
  #allowed(): number {
    return Math.floor(this.#options.limit * this.#share());
  }

  /** Halved whenever Clerk limits us, and regained within a minute. */
  #share(): number {
    const { to, at } = this.#reduced;
    return Math.min(1, to + Math.max(0, this.#options.now() - at) / RECOVERY_MS);
  }
}
