import type { Fault } from "./faults.ts";

/** What a server needs at most to send what it has of an answer. */
const FLUSH_MS = 20;

/**
 * Answers as a fault says.
 *
 * @param answer Handles the request truly.
 * @param options `signal` aborts when the client has given up.
 */
export async function applyFault(
  fault: Fault,
  answer: () => Promise<Response>,
  { signal }: { signal: AbortSignal },
): Promise<Response> {
  const { delayMs = 0, takesEffect = false, cut } = fault;
  const replacement = replacementOf(fault);
  const isLost = cut === "headers";
  const early = takesEffect ? await answer() : undefined;
  if (delayMs > 0) await delay(delayMs, signal);
  if (isLost) await aborted(signal);
  const response = replacement ?? (isLost ? new Response(null, { status: 499 }) : early ?? await answer());
  return cut === "body" ? await breakInTheMiddle(response) : response;
}

function replacementOf({ status, body, headers }: Fault): Response | undefined {
  if (status === undefined && body === undefined && headers === undefined) return undefined;
  if (body === undefined) return new Response(null, { status: status ?? 200, headers: headers ?? {} });
  if (typeof body === "string") return new Response(body, { status: status ?? 200, headers: headers ?? {} });
  return new Response(JSON.stringify(body), {
    status: status ?? 200,
    headers: { "Content-Type": "application/json", ...headers },
  });
}

function delay(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener("abort", done);
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

async function breakInTheMiddle(response: Response): Promise<Response> {
  const body = new Uint8Array(await response.arrayBuffer());
  const half = body.subarray(0, Math.ceil(body.byteLength / 2));
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      if (half.byteLength > 0) controller.enqueue(half);
    },
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, FLUSH_MS));
      controller.error(new Error("The emulator cut this connection, as it was ordered to"));
    },
  });
  return new Response(stream, response);
}
