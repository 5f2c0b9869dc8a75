import type { ReadLineOptions } from "./runtime.ts";

export interface LineSource {
  readonly stdin: StandardInput;
  /** Switches the terminal to single keys without echo, or back. */
  setRaw(raw: boolean): void;
  /** Does what Ctrl-C does outside raw mode. */
  interrupt(): void;
}

/** The part of Node's `process.stdin`, which Deno and Bun also have, that reading a line takes. */
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

/** What arrived together with a line, after it. If it were put back, Bun would miss the end of its input. */
let carried = "";

/**
 * Reads one line, then stops listening: a pending read would swallow what the next reader waits for, and keep the
 * process alive.
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
      // Not while data is emitted: Node would read on, and stay alive.
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

/** Assembles a line from input that comes in lines: a terminal outside raw mode, a pipe, a file. */
export class PlainLine {
  #text = "";

  /** Adds text that has arrived. */
  type(input: string): "unfinished" | { text: string; rest: string } {
    this.#text += input;
    const end = this.#text.indexOf("\n");
    if (end === -1) return "unfinished";
    return { text: withoutReturn(this.#text.slice(0, end)), rest: this.#text.slice(end + 1) };
  }

  /** Returns what is left at the end of the input: a last line without an ending, or `null`. */
  atEnd(): string | null {
    return this.#text === "" ? null : withoutReturn(this.#text);
  }
}

function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}

/** Result of keys: not yet a line, Ctrl-C, or a line without its ending (`null` for Ctrl-D) and what follows. */
type Typed = "unfinished" | "interrupt" | { text: string | null; rest: string };

/** Sequences that arrow keys send, and those around pasted text. */
// deno-lint-ignore no-control-regex -- they begin with the control character ESC
const ESCAPE_SEQUENCE = /\x1b(?:\[[0-9;?]*[ -/]*[@-~]|O.)/g;

/**
 * Assembles a line from the keys of a terminal in raw mode, where the system does not: backspace, Ctrl-U, Ctrl-D,
 * Ctrl-C and Enter.
 */
export class TypedLine {
  #keys: string[] = [];

  /** Adds pressed keys. */
  type(input: string): Typed {
    const keys = [...input];
    for (const [index, key] of keys.entries()) {
      if (key === "\x03") {
        this.#keys = []; // As outside raw mode, Ctrl-C discards what was typed.
        return "interrupt";
      }
      const rest = () => keys.slice(index + 1).join("");
      if (key === "\r" || key === "\n") return { text: this.#text(), rest: rest() };
      if (key === "\x04" && this.#keys.length === 0) return { text: null, rest: rest() };
      this.#edit(key);
    }
    return "unfinished";
  }

  /** Nothing: the line was not confirmed. */
  atEnd(): null {
    return null;
  }

  #edit(key: string): void {
    if (key === "\x15") this.#keys = [];
    else if (key === "\b" || key === "\x7f") this.#keys.pop();
    else if (key !== "\x04") this.#keys.push(key);
  }

  #text(): string {
    return this.#keys.join("").replaceAll(ESCAPE_SEQUENCE, "");
  }
}
