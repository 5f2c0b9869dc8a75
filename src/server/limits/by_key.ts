import { isClerkCliAuthError } from "../../core/errors.ts";
import { durationText } from "../../core/time.ts";
import { isRateLimit, isRejection, UnavailableError } from "../failures.ts";

/**
 * Waits for a call to Clerk or to `whom` until a deadline. The call itself cannot be stopped, but nothing
 * waits for it any longer.
 *
 * @throws {ClerkCliAuthError} `unavailable` at the deadline.
 */
export function withDeadline<T>(call: () => Promise<T>, timeoutMs: number, whom = "Clerk"): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new UnavailableError(`${whom} did not respond within ${durationText(timeoutMs)}`));
    }, timeoutMs);
    call().then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** Returns a function that keeps its first successful result. Concurrent callers share an attempt. */
export function shared<T extends object>(
  create: () => Promise<T>,
  options: SingleFlightOptions,
): () => Promise<T> {
  const attempts = new SingleFlight<T>(options);
  let result: T | undefined;
  return async () => result ??= await attempts.run("", create);
}

export interface Clock {
  /** The clock, in Unix milliseconds. */
  now: () => number;
}

interface SingleFlightOptions extends Clock {
  /** The maximum age of a shared task, in milliseconds. Later callers start their own. */
  maxAgeMs: number;
}

/**
 * Shares one result among concurrent callers with the same key.
 *
 * Tasks are not shared forever: in a Worker, a task never settles if the request that started it is
 * cancelled.
 */
export class SingleFlight<T> {
  readonly #options: SingleFlightOptions;
  readonly #running = new Map<string, { result: Promise<T>; startedAt: number }>();

  constructor(options: SingleFlightOptions) {
    this.#options = options;
  }

  /**
   * Runs a task, or shares the result of a running task with the same key.
   *
   * @param key What the task is about.
   * @param task The task.
   * @returns The result or error of the task.
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

interface BoundedMapOptions extends Clock {
  /** The maximum size of all entries, in bytes, estimated from their text. */
  maxBytes: number;
}

interface Entry<V> {
  value: V;
  bytes: number;
  expiresAt: number;
  /** Whether it was used since room was last made. */
  isUsed: boolean;
}

const ENTRY_OVERHEAD = 128;

/** A map with a maximum size, whose entries expire. Entries not used recently make room for new ones. */
export class BoundedMap<V> {
  readonly #options: BoundedMapOptions;
  readonly #entries = new Map<string, Entry<V>>();
  #bytes = 0;

  constructor(options: BoundedMapOptions) {
    this.#options = options;
  }

  /** Returns the value of a key, unless it has expired. */
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

  /** Stores a value of about `bytes` bytes until `expiresAt`, in Unix milliseconds. */
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
      // A used entry gets a second chance, at the end.
      if (entry.isUsed) this.#put(oldest, { ...entry, isUsed: false });
    }
  }

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

interface BreakerOptions extends Clock {
  /** How long a call takes at most, in milliseconds. */
  timeoutMs: number;
  /**
   * Who is called, for messages.
   * @default "Clerk"
   */
  whom?: string;
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
   * Makes a call for a token, with a deadline.
   *
   * @param refuse Called instead while calls are stopped, with the last error and the time to wait in
   * milliseconds.
   * @throws {ClerkCliAuthError} `unavailable` while calls are stopped, or the last error if that was
   * `config`; what `call` throws.
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
