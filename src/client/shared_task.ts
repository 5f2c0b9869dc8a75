import { cancelled } from "../core/cancelled.ts";

/**
 * One run of a task, shared by all who ask for it while it goes on. Its signal aborts when the last of them has given
 * up; that one then waits until the task has really stopped.
 */
export class SharedTask<T> {
  #stop = new AbortController();
  #waiting = 0;
  #result: Promise<T>;

  constructor(task: (signal: AbortSignal) => Promise<T>) {
    this.#result = task(this.#stop.signal);
  }

  /** Whether it can still be joined. */
  get isOpen(): boolean {
    return !this.#stop.signal.aborted;
  }

  /** Waits for the result, or for the signal. */
  async join(signal: AbortSignal | undefined): Promise<T> {
    this.#waiting++;
    if (!signal) return await this.#result;
    await Promise.race([aborted(signal), this.#result.catch(() => {})]);
    if (!signal.aborted) return await this.#result;
    if (--this.#waiting === 0) {
      this.#stop.abort(cancelled(signal));
      await this.#result.catch(() => {});
    }
    throw cancelled(signal);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
