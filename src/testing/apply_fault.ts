import { breakInTheMiddle, brokenAnswer } from "./broken_answer.ts";
import type { Fault } from "./faults.ts";

/**
 * Answers as a fault says.
 *
 * @param answer Handles the request truly.
 * @param options `signal` aborts when nobody waits for the answer any more.
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

/** Waits for a while, or without one for ever, until the signal aborts. */
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
