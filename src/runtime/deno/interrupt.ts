import type { InterruptSignal } from "../runtime.ts";
import type { DenoApi } from "./api.ts";

declare const Deno: DenoApi;

type Listener = (signal: InterruptSignal) => void;

/** As in a shell: 128 plus the number of the signal. */
const EXIT_CODE: Record<InterruptSignal, number> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

const listeners = new Set<Listener>();

/** Calls `listener` instead of ending the process. */
export function onInterrupt(listener: Listener): () => void {
  const stop = listen(listener);
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    stop();
  };
}

/**
 * Makes an interrupt end the process with `Deno.exit`, which restores the terminal: if the signal killed it, Deno would
 * leave the terminal without echo. Nothing happens while {@linkcode onInterrupt} has a listener.
 */
export function exitOnInterrupt(): () => void {
  return listen((signal) => {
    if (listeners.size === 0) Deno.exit(EXIT_CODE[signal]);
  });
}

/** Holds back a signal while something must not be interrupted; a second one is not held back. */
export function deferInterrupts(): () => void {
  let held: InterruptSignal | undefined;
  const stop = listen((signal) => {
    if (held) letThrough();
    held = signal;
  });
  const letThrough = () => {
    stop();
    if (held && listeners.size === 0) Deno.exit(EXIT_CODE[held]);
  };
  return letThrough;
}

/** Does what SIGINT does: Deno needs permission to run programs to send itself a signal. */
export function interrupt(): void {
  if (listeners.size === 0) Deno.exit(EXIT_CODE.SIGINT);
  for (const listener of listeners) listener("SIGINT");
}

function listen(listener: Listener): () => void {
  const calls = signals().map((signal) => ({ signal, call: () => listener(signal) }));
  for (const { signal, call } of calls) Deno.addSignalListener(signal, call);
  return () => {
    for (const { signal, call } of calls) Deno.removeSignalListener(signal, call);
  };
}

/** Deno has no SIGTERM on Windows. */
function signals(): InterruptSignal[] {
  return Deno.build.os === "windows" ? ["SIGINT", "SIGHUP"] : ["SIGINT", "SIGTERM", "SIGHUP"];
}
