import { cancelled } from "./cancelled.ts";
import { cleanCause } from "./clean_cause.ts";
import { startDeadline } from "./deadline.ts";
import { ClerkCliAuthError, type ErrorCode } from "./errors.ts";
import { requestSecrets } from "./request_secrets.ts";
import type { HttpRequest, HttpResponse, Transport } from "./transport.ts";

/** How an exchange is carried out. */
export interface ExchangeOptions {
  transport: Transport;
  /** The error code of the step that this exchange belongs to. */
  step: ErrorCode;
  /** What is asked, for messages: "The token endpoint". */
  endpointName: string;
  /** The deadline over the whole exchange, the body included, in milliseconds. */
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

/** An answer, read to its end. */
export interface HttpAnswer {
  status: number;
  headers: { get(name: string): string | null };
  text: string;
}

/** The largest body that is read, in bytes. */
const MAX_BODY_BYTES = 1024 * 1024;

/**
 * Sends a request and reads its answer under one deadline.
 *
 * @throws {ClerkCliAuthError} `timeout` at the deadline, `cancelled` when the signal aborts, the step's code when the
 * host cannot be reached (`retryable`), redirects, or answers with a body that is too large.
 */
export async function exchange(request: HttpRequest, options: ExchangeOptions): Promise<HttpAnswer> {
  const { transport, step, endpointName, timeoutMs, signal } = options;
  const stop = new AbortController();
  const stopped = new Promise<never>((_, reject) => {
    stop.signal.addEventListener("abort", () => reject(stop.signal.reason), { once: true });
  });
  const stopDeadline = startDeadline(timeoutMs, () => stop.abort(timedOut(endpointName, timeoutMs)));
  const cancel = () => stop.abort(cancelled(signal));
  if (signal?.aborted) cancel();
  signal?.addEventListener("abort", cancel, { once: true });
  try {
    return await Promise.race([stopped, readAnswer(transport, request, options, stop.signal)]);
  } catch (error) {
    if (stop.signal.aborted) throw stop.signal.reason;
    stop.abort(error); // What was not read to its end is given up.
    if (error instanceof ClerkCliAuthError) throw error;
    throw new ClerkCliAuthError(
      step,
      `${endpointName} at ${new URL(request.url).host} could not be reached`,
      {
        retryable: true,
        cause: cleanCause(error, requestSecrets(request)),
        action: "Check the network connection and try again",
      },
    );
  } finally {
    stopDeadline();
    signal?.removeEventListener("abort", cancel);
  }
}

async function readAnswer(
  transport: Transport,
  request: HttpRequest,
  { step, endpointName }: ExchangeOptions,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  signal.throwIfAborted();
  const response = await transport(request, signal);
  const { status, headers } = response;
  if (status === 0 || (status >= 300 && status < 400)) {
    throw new ClerkCliAuthError(step, `${endpointName} answered with a redirect, which is not followed`, {
      status,
    });
  }
  const text = await readText(response, signal);
  if (text === undefined) {
    throw new ClerkCliAuthError(step, `${endpointName} answered with more than ${MAX_BODY_BYTES} bytes`, {
      status,
    });
  }
  return { status, headers, text };
}

/** The body as text; `undefined` when it is too large. Leaving the loop early gives the rest of the body up. */
async function readText({ body }: HttpResponse, signal: AbortSignal): Promise<string | undefined> {
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for await (const chunk of body ?? []) {
    signal.throwIfAborted();
    size += chunk.byteLength;
    if (size > MAX_BODY_BYTES) return undefined;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function timedOut(endpointName: string, timeoutMs: number): ClerkCliAuthError {
  return new ClerkCliAuthError("timeout", `${endpointName} did not answer within ${timeoutMs} ms`, {
    retryable: true,
    action: "Check the network connection and try again",
  });
}
