import { PlainLine } from "./plain_line.ts";
import type { ReadLineOptions } from "./runtime.ts";
import { TypedLine } from "./typed_line.ts";

/** The part of Node's `process.stdin`, which Deno and Bun have as well, that a line is read with. */
export interface StandardInput {
  readonly isTTY?: boolean;
  readonly readableEnded: boolean;
  readonly destroyed: boolean;
  on<Event extends keyof InputListeners>(event: Event, listener: InputListeners[Event]): void;
  off<Event extends keyof InputListeners>(event: Event, listener: InputListeners[Event]): void;
  resume(): void;
  pause(): void;
}

interface InputListeners {
  data: (chunk: Uint8Array | string) => void;
  end: () => void;
  error: (error: Error) => void;
}

/** Where a line is read from. */
export interface LineSource {
  readonly stdin: StandardInput;
  /** Switches the terminal to single keys without echo, or back. */
  setRaw(raw: boolean): void;
  /** Does what Ctrl-C does outside of raw mode. */
  interrupt(): void;
}

/** What came together with a line, after it. Bun misses the end of its input when that is given back. */
let carried = "";

/**
 * Reads one line. It listens only until the line is there: a read that stays pending would swallow what the next
 * reader waits for, and keep the process alive.
 */
export function readLine(source: LineSource, options: ReadLineOptions = {}): Promise<string | null> {
  const { hidden = false, signal } = options;
  const { stdin } = source;
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const isRaw = hidden && stdin.isTTY === true;
    const line = isRaw ? new TypedLine() : new PlainLine();
    const decoder = new TextDecoder();

    const take = (text: string) => {
      const typed = line.type(text);
      if (typed === "interrupt") source.interrupt();
      if (typeof typed === "string") return false;
      carried = typed.rest;
      finish(() => resolve(typed.text));
      return true;
    };
    const onData = (chunk: Uint8Array | string) => {
      take(typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true }));
    };
    const onEnd = () => finish(() => resolve(line.atEnd()));
    const onError = (error: unknown) => finish(() => reject(error));
    const onAbort = () => onError(signal?.reason);
    const finish = (settle: () => void) => {
      stdin.off("data", onData);
      stdin.off("end", onEnd);
      stdin.off("error", onError);
      signal?.removeEventListener("abort", onAbort);
      // Not while it hands out data: Node would read on, and that keeps the process alive.
      queueMicrotask(() => {
        stdin.pause();
        if (isRaw) source.setRaw(false);
        settle();
      });
    };

    if (isRaw) source.setRaw(true);
    stdin.on("data", onData);
    stdin.on("end", onEnd);
    stdin.on("error", onError);
    signal?.addEventListener("abort", onAbort);
    const text = carried;
    carried = "";
    if (take(text)) return;
    if (stdin.readableEnded || stdin.destroyed) onEnd();
    else stdin.resume();
  });
}
