/**
 * Responds as a fault demands.
 *
 * @param answer Handles the request normally.
 * @param options `signal` aborts once nobody waits for the response any more.
 */
export async function applyFault(
  fault: Fault,
  answer: () => Promise<Response>,
  { signal }: { signal: AbortSignal },
): Promise<Response> {
  const { delayMs = 0, takesEffect = false, cut } = fault;
  const early = takesEffect ? await answer() : undefined;
  if (delayMs > 0) await pause(signal, delayMs);
  if (cut === "headers") {
    await pause(signal);
    return brokenAnswer();
  }
  const response = replacementOf(fault) ?? early ?? await answer();
  return cut === "body" ? await breakInTheMiddle(response) : response;
}

function replacementOf(fault: Fault): Response | undefined {
  const { status, body } = fault;
  if (status === undefined && body === undefined && fault.headers === undefined) return undefined;
  const isJson = body !== undefined && typeof body !== "string";
  const headers = new Headers(fault.headers);
  if (isJson && !headers.has("Content-Type")) headers.set("Content-Type", "application/json");
  return new Response(isJson ? JSON.stringify(body) : body ?? null, { status: status ?? 200, headers });
}

/** Waits for a time, or forever without one, until the signal aborts. */
function pause(signal: AbortSignal, durationMs?: number): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = durationMs === undefined ? undefined : setTimeout(end, durationMs);
    signal.addEventListener("abort", end);

    function end() {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    }
  });
}

/** The most time a server needs to send what it has of a response. */
const FLUSH_MS = 20;

/** The response with half of its body, after which the connection breaks. */
async function breakInTheMiddle(response: Response): Promise<Response> {
  const body = new Uint8Array(await response.arrayBuffer());
  const half = body.subarray(0, Math.ceil(body.byteLength / 2));
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      if (half.byteLength > 0) controller.enqueue(half);
    },
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, FLUSH_MS));
      controller.error(cutError());
    },
  });
  return new Response(stream, response);
}

/** A response of which nothing can be read: for a client that no longer waits for a real one. */
function brokenAnswer(): Response {
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.error(cutError());
    },
  });
  return new Response(stream, { status: 499 });
}

function cutError(): Error {
  return new Error("The emulator cut this connection, as it was ordered to");
}

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
   * How many requests succeed first.
   * @default 0
   */
  skip?: number;
  /**
   * Whether the request takes effect even though its response is replaced or lost: a code is used, a refresh token rotated.
   * @default false
   */
  takesEffect?: boolean;
  /** How long the response takes, in milliseconds. */
  delayMs?: number;
  /** The status of the response. A `status`, `body` or `headers` replaces the real response. */
  status?: number;
  /** The body of the response: text as it is, anything else as JSON. */
  body?: unknown;
  /** The headers of the response. */
  headers?: Record<string, string>;
  /**
   * Whether the connection is lost. `"headers"`: there is no response until the client gives up or the emulator is closed;
   * a fetch handler cannot break a connection before the headers. `"body"`: the headers and half of the body arrive, then
   * the connection breaks.
   */
  cut?: "headers" | "body";
}

/** The faults that are queued and have not happened yet. */
export interface Faults<Endpoint extends string = string> {
  /**
   * Queues a fault. Several for one endpoint happen one after the other.
   *
   * @param fault What goes wrong.
   * @throws {RangeError} If `times` is not a positive integer or `skip` is negative.
   */
  add(fault: Fault<Endpoint>): void;
  /** Forgets every fault. */
  clear(): void;
  /** How many requests will still fail. */
  readonly pending: number;
}

/** Faults, and how to take the next one. */
export interface FaultQueue<Endpoint extends string> extends Faults<Endpoint> {
  /** The fault for a request that has just arrived; `undefined` if it is to succeed. */
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
