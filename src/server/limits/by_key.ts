import { UnavailableError } from "../failures.ts";

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
}

const ENTRY_OVERHEAD = 128;

/** A map bounded in bytes whose entries expire; the least recently used make room for new ones. */
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
    // Moved to the end: room is made at the start.
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  /** Sets a value of about `bytes` until `expiresAt`, Unix time in milliseconds. */
  set(key: string, value: V, { bytes, expiresAt }: { bytes: number; expiresAt: number }): void {
    const { maxBytes, now } = this.#options;
    this.delete(key);
    const entry = { value, bytes: key.length + bytes + ENTRY_OVERHEAD, expiresAt };
    if (entry.bytes > maxBytes || expiresAt <= now()) return;
    this.#entries.set(key, entry);
    this.#bytes += entry.bytes;
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= maxBytes) return;
      this.delete(oldest);
    }
  }

  /** Removes a key. */
  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#entries.delete(key);
    this.#bytes -= entry.bytes;
  }
}
