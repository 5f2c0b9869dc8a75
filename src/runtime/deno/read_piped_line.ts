import { unlessAborted } from "../../core/time.ts";
import { PlainLine } from "../read_line.ts";
import type { DenoApi } from "./api.ts";

declare const Deno: DenoApi;

const byte = new Uint8Array(1);
let pendingRead: Promise<number | null> | undefined;

/**
 * Reads one line from standard input that is not a terminal, byte by byte, so that what follows the line stays there
 * for others. A read cannot be cancelled: one that an abort left behind becomes the first of the next call, and keeps
 * the process alive until data arrives or the input ends.
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
