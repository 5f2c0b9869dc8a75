/**
 * Responds as a fault demands.
 *
 * @param respond Handles the request normally.
 * @param options `signal` aborts when nobody waits for the response any more.
 */
export async function applyFault(
  fault: Fault,
  respond: () => Promise<Response>,
  { signal }: { signal: AbortSignal },
): Promise<Response> {
  const { delayMs = 0, takesEffect = false, cut } = fault;
  const early = takesEffect ? await respond() : undefined;
  if (delayMs > 0) await pause(signal, delayMs);
  if (cut === "headers") {
    await pause(signal);
    return brokenResponse();
  }
  const response = replacementOf(fault) ?? early ?? await respond();
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

/** Waits for a time, or forever without one, unless the signal aborts. */
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

/** How long a server needs to send the first half of a response, in milliseconds. */
const FLUSH_MS = 20;

/** Sends half of the body, then breaks the connection. */
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

/** A response with an unreadable body, for a client that has stopped waiting. */
function brokenResponse(): Response {
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.error(cutError());
    },
  });
  return new Response(stream, { status: 499 });
}

function cutError(): Error {
  return new Error("The emulator cut this connection, as requested");
}

/** An error to inject. */
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
   * Whether the request still takes effect, although its response is replaced or lost: a code is used up, a
   * refresh token rotated.
   * @default false
   */
  takesEffect?: boolean;
  /** How long the response is delayed, in milliseconds. */
  delayMs?: number;
  /** The status of the response. `status`, `body` and `headers` each replace the real response. */
  status?: number;
  /** The body of the response: text is sent unchanged, anything else as JSON. */
  body?: unknown;
  /** The headers of the response. */
  headers?: Record<string, string>;
  /**
   * Where to break the connection. `"headers"` sends nothing until the client gives up or the emulator
   * closes, because a fetch handler cannot break a connection earlier. `"body"` sends the headers and half of
   * the body.
   */
  cut?: "headers" | "body";
}

/** The queue of faults. */
export interface Faults<Endpoint extends string = string> {
  /**
   * Queues a fault. Several faults for one endpoint apply one after the other.
   *
   * @param fault What goes wrong.
   * @throws {RangeError} If `times` is not positive or `skip` is negative.
   */
  add(fault: Fault<Endpoint>): void;
  /** Removes every fault. */
  clear(): void;
  /** How many requests will still fail. */
  readonly pending: number;
}

export interface FaultQueue<Endpoint extends string> extends Faults<Endpoint> {
  /** Takes the fault for a request that just arrived; `undefined` if it should succeed. */
  take(endpoint: Endpoint): Fault<Endpoint> | undefined;
}

export function createFaultQueue<Endpoint extends string>(): FaultQueue<Endpoint> {
  const queue: { fault: Fault<Endpoint>; skip: number; times: number }[] = [];
  return {
    add(fault) {
      const { skip = 0, times = 1 } = fault;
      if (!(times >= 1)) {
        throw new RangeError(`Cannot add a fault: 'times' must be at least 1: got ${times}`);
      }
      if (!(skip >= 0)) {
        throw new RangeError(`Cannot add a fault: 'skip' must not be negative: got ${skip}`);
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
