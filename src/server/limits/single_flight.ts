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
