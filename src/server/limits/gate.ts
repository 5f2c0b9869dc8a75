import { isRateLimit, isRejection, UnavailableError } from "../failures.ts";
import { BoundedMap, Breaker, type Clock } from "./by_key.ts";
import { Limits, type Question, type Turn } from "./limits.ts";

interface GateOptions extends Clock {
  /** The Clerk secret key, which determines the rate limit. */
  secretKey: string;
  /** How long a question may wait for its turn, and then for Clerk, in milliseconds. */
  timeoutMs: number;
}

/** Calls Clerk; announces each call after the first. */
type Call<T> = (announce: () => void) => Promise<T>;

/** Calls an endpoint of Clerk if the limits allow it. */
type Ask = <T>(endpoint: string, call: Call<T>) => Promise<T>;

/** A question waiting for its turn. */
interface Place {
  turn: Turn;
  rank: number;
  until: number;
  begin(): void;
  refuse(error: UnavailableError): void;
  timer?: ReturnType<typeof setTimeout>;
}

/** Clerk's published rate limits per ten seconds, for development and other instances. */
const DEVELOPMENT_LIMIT = 100;
const PRODUCTION_LIMIT = 1_000;
const MAX_WAITING = 1_000;
const KNOWN_MS = 60 * 60_000;
const KNOWN_BYTES = 2 * 1024 * 1024;
/** How often a waiting question checks for room, in milliseconds. */
const POLL_MS = 1_000;
/** How long before its caller a question gives up, in milliseconds, so that the caller learns why. */
const LAST_MOMENT_MS = 25;

/** Lets questions through to Clerk as {@linkcode Limits} allow. The others wait in a queue. */
export class Gate {
  readonly #options: GateOptions;
  readonly #limits: Limits;
  /** The keys accepted within the last hour. */
  readonly #known: BoundedMap<true>;
  /** By endpoint. */
  readonly #breakers = new Map<string, Breaker>();
  #waiting: Place[] = [];

  constructor(options: GateOptions) {
    const { secretKey, timeoutMs, now } = options;
    this.#options = options;
    const limit = /^sk_test_/.test(secretKey) ? DEVELOPMENT_LIMIT : PRODUCTION_LIMIT;
    this.#limits = new Limits({ limit, maxAgeMs: 2 * timeoutMs, now });
    this.#known = new BoundedMap({ maxBytes: KNOWN_BYTES, now });
  }

  /**
   * Answers a question when its turn has come.
   *
   * @param answer Finds the answer. An error means that the token is rejected or there is no answer. Only
   * calls through `ask` are calls to Clerk.
   * @throws {ClerkCliAuthError} `unavailable` if the question is refused or its turn does not come in time;
   * what `answer` throws.
   */
  async run<T>(question: Question, answer: (ask: Ask) => Promise<T>): Promise<T> {
    const limits = this.#limits;
    const { key } = question;
    const turn = limits.turn(question, this.#known.get(key) === true);
    const verdict = limits.judge(turn);
    if (verdict instanceof Error) throw verdict;
    if (turn.isKnown || (verdict && this.#waiting.length === 0)) limits.begin(turn);
    else await this.#wait(turn, verdict);
    let isGood: boolean | undefined;
    try {
      const result = await answer((endpoint, call) => this.#ask(turn, { key, endpoint, call }));
      isGood = true;
      return result;
    } catch (error) {
      if (isRejection(error)) isGood = false;
      throw error;
    } finally {
      limits.end(turn, isGood);
      if (isGood) this.#known.set(key, true, { bytes: 0, expiresAt: this.#options.now() + KNOWN_MS });
      if (isGood === false) this.#known.delete(key);
      if (this.#waiting.length > 0) this.#advance();
    }
  }

  async #ask<T>(
    turn: Turn,
    { key, endpoint, call }: { key: string; endpoint: string; call: Call<T> },
  ): Promise<T> {
    const pauseMs = this.#limits.pauseMs(turn);
    if (pauseMs > 0) throw limited(pauseMs);
    const breaker = this.#breakers.get(endpoint) ?? new Breaker(this.#options);
    this.#breakers.set(endpoint, breaker);
    try {
      return await breaker.run(key, () => {
        this.#limits.countCall(turn);
        return call(() => this.#limits.countCall(turn));
      });
    } catch (error) {
      if (!isRateLimit(error)) throw error;
      this.#limits.slowDown(turn, error.retryAfterMs);
      throw limited(error.retryAfterMs, error);
    }
  }

  #wait(turn: Turn, mayBegin: boolean): Promise<void> {
    const { now, timeoutMs } = this.#options;
    const rank = this.#limits.rankOf(turn);
    return new Promise((begin, refuse) => {
      const place: Place = { turn, rank, until: now() + timeoutMs - LAST_MOMENT_MS, begin, refuse };
      const index = this.#waiting.findIndex((other) => other.rank > rank);
      this.#waiting.splice(index < 0 ? this.#waiting.length : index, 0, place);
      turn.source.waiting++;
      if (mayBegin) this.#advance();
      if (this.#waiting.length > MAX_WAITING) this.#giveUp(this.#leastWelcome());
      this.#watch(place);
    });
  }

  /** Lets every question through whose turn has come. */
  #advance(): void {
    if (!this.#limits.hasRoom()) return;
    const tooLate = this.#options.now() + this.#options.timeoutMs / 10;
    this.#waiting = this.#waiting.filter((place) => {
      // Too late to be answered in time.
      if (place.until < tooLate) return true;
      const verdict = this.#limits.judge(place.turn);
      if (verdict === false) return true;
      if (verdict === true) this.#limits.begin(place.turn);
      leave(place, verdict);
      return false;
    });
  }

  // Each place has its own timer: in a Worker, a timer ends with the request that set it.
  #watch(place: Place): void {
    const index = this.#waiting.indexOf(place);
    if (index < 0) return;
    place.timer = setTimeout(() => {
      this.#advance();
      if (this.#options.now() >= place.until) this.#giveUp(place);
      this.#watch(place);
    }, Math.min(place.until - this.#options.now(), this.#limits.roomMs(index) || POLL_MS, POLL_MS));
  }

  #giveUp(place: Place | undefined): void {
    if (!place || !this.#waiting.includes(place)) return;
    this.#waiting = this.#waiting.filter((other) => other !== place);
    const retryAfterMs = this.#limits.roomMs(0) || undefined;
    leave(place, new UnavailableError("Too many unknown tokens are waiting", { retryAfterMs }));
  }

  /** Returns the last place of the source with the most waiting questions. */
  #leastWelcome(): Place | undefined {
    let least: Place | undefined;
    for (const place of this.#waiting) {
      const { rank, turn: { source } } = place;
      if (rank > 0 && source.waiting >= (least?.turn.source.waiting ?? 0)) least = place;
    }
    return least;
  }
}

function leave({ turn, timer, begin, refuse }: Place, verdict: true | UnavailableError): void {
  turn.source.waiting--;
  clearTimeout(timer);
  if (verdict === true) begin();
  else refuse(verdict);
}

function limited(retryAfterMs: number, cause?: unknown): UnavailableError {
  return new UnavailableError("Clerk limits how often it can be asked", { retryAfterMs, cause });
}
