import { isRateLimit, isRejection, UnavailableError } from "../failures.ts";
import { Limits, type Question, type Turn } from "./limits.ts";
import { withDeadline } from "./single_flight.ts";

/** What a {@linkcode Gate} needs. */
interface GateOptions {
  /** The Clerk secret key: it tells how often Clerk may be called. */
  secretKey: () => string;
  /** How long a question may wait for its turn, and then for Clerk, in milliseconds. */
  timeoutMs: number;
  /** The clock, Unix time in milliseconds. */
  now: () => number;
}

/** Calls Clerk, if this is the moment for it. */
type Ask = <T>(call: () => Promise<T>) => Promise<T>;

/** A question that waits for its turn. */
interface Place {
  question: Question;
  rank: number;
  until: number;
  begin(turn: Turn): void;
  refuse(error: UnavailableError): void;
  timer?: ReturnType<typeof setTimeout>;
}

/** How many calls Clerk accepts within ten seconds, as published: from a development instance, and from others. */
const DEVELOPMENT_LIMIT = 100;
const PRODUCTION_LIMIT = 1_000;
const MAX_WAITING = 1_000;
/** A question gives up just before its caller does, so that the caller learns why. */
const LAST_MOMENT_MS = 25;

/** Lets questions through to Clerk as the {@linkcode Limits} allow; those that have to wait are in a queue. */
export class Gate {
  readonly #options: GateOptions;
  #limits: Limits | undefined;
  #waiting: Place[] = [];

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /**
   * Answers a question when its turn has come.
   *
   * @param answer Finds the answer: an error says that the token is rejected, or that there is no answer. Only what it
   * calls through `ask` is a call to Clerk.
   * @throws {ClerkCliAuthError} `unavailable` if it is refused or its turn does not come in time, else what `answer`
   * throws.
   */
  async run<T>(question: Question, answer: (ask: Ask) => Promise<T>): Promise<T> {
    const { secretKey, timeoutMs, now } = this.#options;
    const limits = this.#limits ??= new Limits({
      limit: /^sk_test_/.test(secretKey()) ? DEVELOPMENT_LIMIT : PRODUCTION_LIMIT,
      maxAgeMs: 2 * timeoutMs,
      now,
    });
    const turn = limits.isKnown(question) ? limits.begin(question) : await this.#turnOf(question, limits);
    let isGood: boolean | undefined;
    try {
      const result = await answer((call) => this.#ask(turn, limits, call));
      isGood = true;
      return result;
    } catch (error) {
      if (isRejection(error)) isGood = false;
      throw error;
    } finally {
      limits.end(turn, isGood);
      this.#advance(limits);
    }
  }

  async #ask<T>(turn: Turn, limits: Limits, call: () => Promise<T>): Promise<T> {
    const pauseMs = limits.pauseMs(turn);
    if (pauseMs > 0) throw limited(pauseMs);
    turn.isUsed = true;
    try {
      return await withDeadline(call, this.#options.timeoutMs);
    } catch (error) {
      if (!isRateLimit(error)) throw error;
      limits.slowDown(turn, error.retryAfterMs);
      throw limited(error.retryAfterMs, error);
    }
  }

  #turnOf(question: Question, limits: Limits): Promise<Turn> {
    const { now, timeoutMs } = this.#options;
    const rank = limits.rankOf(question);
    return new Promise((begin, refuse) => {
      const place: Place = { question, rank, until: now() + timeoutMs - LAST_MOMENT_MS, begin, refuse };
      const index = this.#waiting.findIndex((other) => other.rank > rank);
      this.#waiting.splice(index < 0 ? this.#waiting.length : index, 0, place);
      this.#advance(limits);
      if (this.#waiting.length > MAX_WAITING) this.#giveUp(this.#leastWelcome(), limits);
      this.#watch(place, limits);
    });
  }

  /** Lets everybody through whose turn has come. */
  #advance(limits: Limits): void {
    this.#waiting = this.#waiting.filter((place) => {
      const verdict = limits.judge(place.question);
      if (verdict === false) return true;
      clearTimeout(place.timer);
      if (verdict === true) place.begin(limits.begin(place.question));
      else place.refuse(verdict);
      return false;
    });
  }

  // Each place has a timer of its own: in a Worker a timer ends with the request that set it.
  #watch(place: Place, limits: Limits): void {
    const index = this.#waiting.indexOf(place);
    if (index < 0) return;
    place.timer = setTimeout(() => {
      this.#advance(limits);
      if (this.#options.now() >= place.until) this.#giveUp(place, limits);
      this.#watch(place, limits);
    }, Math.min(place.until - this.#options.now(), limits.roomMs(index) || Infinity));
  }

  #giveUp(place: Place | undefined, limits: Limits): void {
    if (!place || !this.#waiting.includes(place)) return;
    this.#waiting = this.#waiting.filter((other) => other !== place);
    clearTimeout(place.timer);
    const retryAfterMs = limits.roomMs(0) || undefined;
    place.refuse(new UnavailableError("Too many unknown tokens are waiting", { retryAfterMs }));
  }

  /** The last place of the source that has most of them. */
  #leastWelcome(): Place | undefined {
    const counts = new Map<string | undefined, number>();
    for (const { question: { source }, rank } of this.#waiting) {
      if (rank > 0) counts.set(source, (counts.get(source) ?? 0) + 1);
    }
    const most = Math.max(...counts.values());
    return this.#waiting.filter(({ question }) => counts.get(question.source) === most).at(-1);
  }
}

function limited(retryAfterMs: number, cause?: unknown): UnavailableError {
  return new UnavailableError("Clerk limits how often it can be asked", { retryAfterMs, cause });
}
