import { isClerkCliAuthError } from "../../core/errors.ts";
import { isRateLimit, isRejection, UnavailableError } from "../failures.ts";

/**
 * Waits for a call to Clerk, or to `whom`, until a deadline. The call itself cannot be stopped; nothing waits for it any
 * longer.
 *
 * @throws {ClerkCliAuthError} `unavailable` at the deadline.
 */
export function withDeadline<T>(call: () => Promise<T>, timeoutMs: number, whom = "Clerk"): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new UnavailableError(`${whom} did not answer within ${timeoutMs} ms`));
    }, timeoutMs);
    call().then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** A function whose first successful result is kept; callers before that share one attempt. */
export function shared<T extends object>(
  create: () => Promise<T>,
  options: SingleFlightOptions,
): () => Promise<T> {
  const attempts = new SingleFlight<T>(options);
  let result: T | undefined;
  return async () => result ??= await attempts.run("", create);
}

/** The options of a {@linkcode SingleFlight}. */
interface SingleFlightOptions {
  /** How old a task may be, in milliseconds: later callers start their own. */
  maxAgeMs: number;
  /** The clock, Unix time in milliseconds. */
  now: () => number;
}

/**
 * Lets callers that ask for the same thing at the same time share one result.
 *
 * A task is not awaited forever: in a Worker it belongs to the request that started it, and never settles if that
 * request is cancelled.
 */
export class SingleFlight<T> {
  readonly #options: SingleFlightOptions;
  readonly #running = new Map<string, { result: Promise<T>; startedAt: number }>();

  constructor(options: SingleFlightOptions) {
    this.#options = options;
  }

  /**
   * Runs a task, unless one with the same key is running: then its result is shared.
   *
   * @param key What the task is about.
   * @param task The task.
   * @returns The result, or the failure, of the one task.
   */
  run(key: string, task: () => Promise<T>): Promise<T> {
    const { maxAgeMs, now } = this.#options;
    const running = this.#running.get(key);
    if (running && now() - running.startedAt < maxAgeMs) return running.result;
    const result = task().finally(() => {
      if (this.#running.get(key) === flight) this.#running.delete(key);
    });
    const flight = { result, startedAt: now() };
    this.#running.set(key, flight);
    return result;
  }
}

/** The options of a {@linkcode BoundedMap}. */
interface BoundedMapOptions {
  /** The size of all entries together, in bytes (estimated from their text). */
  maxBytes: number;
  /** The clock, Unix time in milliseconds. */
  now: () => number;
}

interface Entry<V> {
  value: V;
  bytes: number;
  expiresAt: number;
  /** Whether it was used since room was made last. */
  isUsed: boolean;
}

const ENTRY_OVERHEAD = 128;

/** A map bounded in bytes whose entries expire; those not used lately make room for new ones. */
export class BoundedMap<V> {
  readonly #options: BoundedMapOptions;
  readonly #entries = new Map<string, Entry<V>>();
  #bytes = 0;

  constructor(options: BoundedMapOptions) {
    this.#options = options;
  }

  /** The value of a key, unless it has expired. */
  get(key: string): V | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    if (entry.expiresAt <= this.#options.now()) {
      this.delete(key);
      return undefined;
    }
    entry.isUsed = true;
    return entry.value;
  }

  /** Sets a value of about `bytes` until `expiresAt`, Unix time in milliseconds. */
  set(key: string, value: V, { bytes, expiresAt }: { bytes: number; expiresAt: number }): void {
    const { maxBytes, now } = this.#options;
    this.delete(key);
    const added = { value, bytes: key.length + bytes + ENTRY_OVERHEAD, expiresAt, isUsed: false };
    if (added.bytes > maxBytes || expiresAt <= now()) return;
    this.#put(key, added);
    for (const [oldest, entry] of this.#entries) {
      if (this.#bytes <= maxBytes) return;
      if (entry === added) continue;
      this.delete(oldest);
      // Whoever was used gets a second chance, at the end.
      if (entry.isUsed) this.#put(oldest, { ...entry, isUsed: false });
    }
  }

  /** Removes a key. */
  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#entries.delete(key);
    this.#bytes -= entry.bytes;
  }
  #put(key: string, entry: Entry<V>): void {
    this.#entries.set(key, entry);
    this.#bytes += entry.bytes;
  }
}

/** What a {@linkcode Breaker} needs. */
interface BreakerOptions {
  /** How long a call takes at most, in milliseconds. */
  timeoutMs: number;
  /**
   * Who is called.
   * @default "Clerk"
   */
  whom?: string;
  /** The clock, Unix time in milliseconds. */
  now: () => number;
}

/** A failure of one token may be its own. */
const MIN_FAILED = 5;
const MIN_WAIT_MS = 1_000;
const MAX_WAIT_MS = 10_000;

/**
 * Stops calls to what fails: once calls about five different tokens have failed, and none has succeeded in between, only
 * one call is made now and then, until one succeeds.
 */
export class Breaker {
  readonly #options: BreakerOptions;
  /** The tokens about which calls failed since the last success. */
  readonly #failed = new Set<string>();
  #error: unknown;
  /** How many times in a row it was found failing; 0 while calls are made. */
  #openings = 0;
  #nextAt = 0;

  constructor(options: BreakerOptions) {
    this.#options = options;
  }

  /**
   * Makes a call about a token, and waits for it no longer than a call takes.
   *
   * @param refuse What to do instead if this is no moment for a call. It is told the last failure, and how long to wait in
   * milliseconds.
   * @throws {ClerkCliAuthError} `unavailable` if this is no moment for a call, or the last failure if that was `config`;
   * what `call` throws.
   */
  async run<T>(
    token: string,
    call: () => Promise<T>,
    refuse: (error: unknown, waitMs: number) => T = unavailable,
  ): Promise<T> {
    const { now, timeoutMs, whom } = this.#options;
    const isTrial = this.#openings > 0;
    if (isTrial) {
      const waitMs = this.#nextAt - now();
      if (waitMs > 0) return refuse(this.#error, waitMs);
      // Nobody else, until this call has ended.
      this.#nextAt = now() + timeoutMs;
    }
    try {
      const result = await withDeadline(call, timeoutMs, whom);
      this.#close();
      return result;
    } catch (error) {
      // Who rejects a token or says that we ask too often is not failing.
      if (isRejection(error) || isRateLimit(error)) this.#close();
      else this.#fail(token, { error, isTrial });
      throw error;
    }
  }

  #close(): void {
    this.#failed.clear();
    this.#openings = 0;
  }

  #fail(token: string, { error, isTrial }: { error: unknown; isTrial: boolean }): void {
    this.#error = error;
    if (this.#failed.size < MIN_FAILED) this.#failed.add(token);
    // Calls that began before it was found failing say nothing new.
    const isNews = isTrial || this.#openings === 0;
    if (this.#failed.size < MIN_FAILED || !isNews) return;
    const waitMs = Math.min(MAX_WAIT_MS, MIN_WAIT_MS * 2 ** this.#openings++);
    // So that not all processes try at the same time.
    this.#nextAt = this.#options.now() + waitMs * (0.5 + Math.random() / 2);
  }
}

function unavailable(error: unknown, waitMs: number): never {
  if (isClerkCliAuthError(error) && error.code === "config") throw error;
  throw new UnavailableError("Clerk is failing", { retryAfterMs: waitMs, cause: error });
}
