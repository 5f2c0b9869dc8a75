import { PlainLine } from "../read_line.ts";
import type { DenoApi } from "./api.ts";

declare const Deno: DenoApi;

const byte = new Uint8Array(1);
let pendingRead: Promise<number | null> | undefined;

/**
 * Reads one line from standard input that is not a terminal, byte by byte, so that what follows the line stays there
 * for others. A read cannot be withdrawn: one that an abort left behind is the first of the next call, and keeps the
 * process alive until something comes or the input ends.
 */
export async function readPipedLine(signal?: AbortSignal): Promise<string | null> {
  const line = new PlainLine();
  const decoder = new TextDecoder();
  for (;;) {
    const length = await unlessAborted(pendingRead ??= Deno.stdin.read(byte), signal);
    pendingRead = undefined;
    if (length === null) return line.atEnd();
    const typed = line.type(decoder.decode(byte, { stream: true }));
    if (typed !== "unfinished") return typed.text;
  }
}

function unlessAborted<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
