import type { InterruptSignal } from "../runtime.ts";
import { process } from "./builtins.ts";

const SIGNALS: InterruptSignal[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/** Calls `listener` instead of ending the process. */
export function onInterrupt(listener: (signal: InterruptSignal) => void): () => void {
  for (const signal of SIGNALS) process.on(signal, listener);
  return () => {
    for (const signal of SIGNALS) process.off(signal, listener);
  };
}

/** Holds back one signal while something must not be interrupted. A second one gets through. */
export function deferInterrupts(): () => void {
  let held: InterruptSignal | undefined;
  const stop = onInterrupt((signal) => {
    if (held) letThrough();
    held = signal;
  });
  const letThrough = () => {
    stop();
    if (held && process.listenerCount(held) === 0) process.kill(process.pid, held);
  };
  return letThrough;
}
