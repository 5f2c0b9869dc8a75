import type { InterruptSignal } from "../runtime.ts";
import type { DenoApi } from "./api.ts";

declare const Deno: DenoApi;

type Listener = (signal: InterruptSignal) => void;

/** As in a shell: 128 plus the signal number. */
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
 * Ends the process on an interrupt with `Deno.exit`, which restores the terminal: killed by the signal, Deno would
 * leave it without echo. Does nothing while {@linkcode onInterrupt} has a listener.
 */
export function exitOnInterrupt(): () => void {
  return listen((signal) => {
    if (listeners.size === 0) Deno.exit(EXIT_CODE[signal]);
  });
}

/** Holds back one signal while something must not be interrupted. A second one gets through. */
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

/** Does what SIGINT does. To send itself a signal, Deno would need permission to run programs. */
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
