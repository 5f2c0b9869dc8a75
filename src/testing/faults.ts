/** Something that goes wrong on purpose. */
export interface Fault<Endpoint extends string = string> {
  /** The endpoint that fails. */
  endpoint: Endpoint;
  /**
   * How many requests in a row fail.
   * @default 1
   */
  times?: number;
  /**
   * How many requests go through before.
   * @default 0
   */
  skip?: number;
  /**
   * Whether the request takes effect although its answer is replaced or lost: a code is used, a refresh token rotated.
   * @default false
   */
  takesEffect?: boolean;
  /** How long the answer takes, in milliseconds. */
  delayMs?: number;
  /** The status of the answer. With a `status`, `body` or `headers`, the true answer is replaced. */
  status?: number;
  /** The body of the answer: text as it is, anything else as JSON. */
  body?: unknown;
  /** Headers of the answer. */
  headers?: Record<string, string>;
  /**
   * Whether the connection is lost. `"headers"`: no answer ever comes, until the client gives up or the emulator is closed;
   * a fetch handler cannot break a connection before the headers. `"body"`: the headers and half of the body come, then
   * the connection breaks.
   */
  cut?: "headers" | "body";
}

/** The faults that are ordered and have not happened yet. */
export interface Faults<Endpoint extends string = string> {
  /**
   * Orders a fault. Several for one endpoint happen one after the other.
   *
   * @param fault What goes wrong.
   * @throws {RangeError} When `times` is not a positive integer or `skip` is negative.
   */
  add(fault: Fault<Endpoint>): void;
  /** Forgets every fault. */
  clear(): void;
  /** How many requests are still going to fail. */
  readonly pending: number;
}

/** Faults together with the way to use them up. */
export interface FaultQueue<Endpoint extends string> extends Faults<Endpoint> {
  /** The fault for a request that has just come; `undefined` when it is to go well. */
  take(endpoint: Endpoint): Fault<Endpoint> | undefined;
}

/** Creates an empty queue of faults. */
export function createFaultQueue<Endpoint extends string>(): FaultQueue<Endpoint> {
  const queue: { fault: Fault<Endpoint>; skip: number; times: number }[] = [];
  return {
    add(fault) {
      const { skip = 0, times = 1 } = fault;
      if (!(times >= 1)) {
        throw new RangeError(`Cannot add a fault as 'times' must be at least 1: got ${times}`);
      }
      if (!(skip >= 0)) {
        throw new RangeError(`Cannot add a fault as 'skip' must not be negative: got ${skip}`);
      }
      queue.push({ fault, skip, times });
    },
    clear() {
      queue.length = 0;
    },
    get pending() {
      return queue.reduce((sum, { times }) => sum + times, 0);
    },
    take(endpoint) {
      const index = queue.findIndex(({ fault }) => fault.endpoint === endpoint);
      const entry = queue[index];
      if (!entry) return undefined;
      if (entry.skip > 0) {
        entry.skip--;
        return undefined;
      }
      entry.times--;
      if (entry.times === 0) queue.splice(index, 1);
      return entry.fault;
    },
  };
}
