import { ClerkCliAuthError } from "../core/errors.ts";
import type { Runtime } from "../runtime/runtime.ts";

/**
 * Runs a task under a signal that aborts, with a `cancelled` error, when the caller's does or when the process is
 * interrupted (Ctrl-C): the task can then clean up before the process ends.
 */
export async function interruptible<T>(
  runtime: Runtime,
  signal: AbortSignal | undefined,
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  const cancel = (cause?: unknown) =>
    stop.abort(new ClerkCliAuthError("cancelled", "The login was cancelled", { cause }));
  const onAbort = () => cancel(signal?.reason);
  if (signal?.aborted) onAbort();
  signal?.addEventListener("abort", onAbort, { once: true });
  const stopListening = runtime.onInterrupt((name) => cancel(name));
  try {
    stop.signal.throwIfAborted();
    return await task(stop.signal);
  } finally {
    stopListening();
    signal?.removeEventListener("abort", onAbort);
  }
}
