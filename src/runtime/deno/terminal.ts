import { unlessAborted } from "../../core/time.ts";
import { type LineSource, PlainLine, type StandardInput } from "../read_line.ts";
import type { Terminal } from "../runtime.ts";
import type { DenoApi } from "./api.ts";
import { exitOnInterrupt, interrupt } from "./interrupt.ts";

declare const Deno: DenoApi;

let pendingRead: Promise<number | null> | undefined;

export const terminal: Terminal = {
  isInteractive: (stream) => Deno[stream].isTerminal(),
  columns,
  write,
  readLine: async (options) =>
    Deno.stdin.isTerminal()
      ? (await import("../read_line.ts")).readLine(standardInput(), options)
      : readPipedLine(options?.signal),
};

function columns(): number {
  try {
    return Deno.consoleSize().columns || 80;
  } catch {
    return 80; // No standard stream is a terminal.
  }
}

function write(text: string, stream: "stdout" | "stderr" = "stderr"): void {
  const bytes = new TextEncoder().encode(text);
  for (let written = 0; written < bytes.length;) {
    try {
      written += Deno[stream].writeSync(bytes.subarray(written));
    } catch (error) {
      // WouldBlock: the pipe is full for now. Otherwise nobody reads from us any more, which is not our failure.
      if ((error as Error).name !== "WouldBlock") return;
    }
  }
}

function standardInput(): LineSource {
  // A pending read of Deno.stdin cannot be cancelled and would swallow the next line. One of `process.stdin` can.
  const { stdin } = (globalThis as unknown as { process: { stdin: StandardInput } }).process;
  // With `cbreak`, which Windows lacks, the terminal itself turns Ctrl-C into SIGINT.
  const cbreak = Deno.build.os !== "windows";
  let stopWatching = () => {};
  const setRaw = (raw: boolean) => {
    // First: an interrupt must not find the terminal raw and nobody to restore it.
    if (raw) stopWatching = exitOnInterrupt();
    Deno.stdin.setRaw(raw, { cbreak });
    if (!raw) stopWatching();
  };
  return { stdin, setRaw, interrupt };
}

const byte = new Uint8Array(1);

/**
 * Reads one line from standard input that is not a terminal, byte by byte, to leave the rest to others. A read cannot
 * be cancelled: one left behind by an abort becomes the first of the next call, and keeps the process alive until data
 * arrives or the input ends.
 */
export async function readPipedLine(signal?: AbortSignal): Promise<string | null> {
  const line = new PlainLine();
  const decoder = new TextDecoder();
  for (;;) {
    signal?.throwIfAborted();
    pendingRead ??= Deno.stdin.read(byte);
    const length = await (signal ? unlessAborted(pendingRead, signal) : pendingRead);
    pendingRead = undefined;
    if (length === null) return line.atEnd();
    const typed = line.type(decoder.decode(byte, { stream: true }));
    if (typed !== "unfinished") return typed.text;
  }
}
